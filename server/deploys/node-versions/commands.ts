import { type Command, cmd, either } from '../../platform/shell/command.js'

/** Whole Node releases as plain files, one package a platform; nothing is compiled or downloaded by a script. */
export type Platform = 'linux-x64' | 'linux-arm64'

export const nodePackage = (platform: Platform): string => `node-${platform}`

export const listVersions = (packageName: string): Command =>
  cmd('npm', 'view', '--json', '--', packageName, 'versions')

/** npm checks what it downloads against the registry's integrity hash. */
export const downloadPackage = (packageName: string, version: string, folder: string): Command =>
  cmd('npm', 'pack', '--silent', '--ignore-scripts', '--pack-destination', folder, '--', `${packageName}@${version}`)

export const machineName = (): Command => cmd('uname', '-sm')

export const nodeFolder = (root: string, version: string): string => `${root}/node/${version}`

/** The last thing that the installing script does is to give the folder this name, so it is whole or absent. */
export const isInstalled = (root: string, version: string): Command =>
  cmd('test', '-x', `${nodeFolder(root, version)}/bin/node`)

/** Prints its path, or nothing. */
export const findLibatomic = (): Command =>
  either(cmd('find', ...libraryFolders, '-maxdepth', 2, '-name', 'libatomic.so.1', '-print', '-quit'), cmd('true'))

/** Without a slash at the end, /lib would often be a link that is not followed. */
const libraryFolders = ['/lib/', '/lib64/', '/usr/lib/', '/usr/lib64/']

export interface Parcel {
  readonly file: string
  readonly sha256: string
}

export const installNode = (
  script: string,
  root: string,
  version: string,
  parcels: { node: Parcel; npm: Parcel },
): Command =>
  cmd(
    'sh',
    script,
    nodeFolder(root, version),
    parcels.node.file,
    parcels.node.sha256,
    parcels.npm.file,
    parcels.npm.sha256,
  )
