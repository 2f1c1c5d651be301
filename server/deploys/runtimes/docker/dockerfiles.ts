import { createHash } from 'node:crypto'
import { basename } from 'node:path'

/** The user that everything of ours runs as inside a container. */
const userId = 10_001

/** Built once for a Node version, from the same files that the process runtime runs (the context). */
export const nodeBaseDockerfile = `FROM debian:bookworm-slim
COPY . /usr/local/
RUN if ! node --version; then \\
      apt-get update && apt-get install -y --no-install-recommends libatomic1 && rm -rf /var/lib/apt/lists/* && node --version; \\
    fi \\
 && useradd --uid ${userId} --create-home app && install -d -o app -g app /app /site
`

/** Built once for a version of our static server (the context). */
export const staticBaseDockerfile = (nodeImage: string): string => `FROM ${nodeImage}
COPY . /opt/hostler/
`

/** A base is named by its own text, so that a newer panel makes its own. */
export const nodeImage = (nodeVersion: string): string => `hostler/node:${nodeVersion}-${hashOf(nodeBaseDockerfile)}`

export const staticImage = (nodeVersion: string, serverFolder: string): string =>
  `hostler/static:${nodeVersion}-${hashOf(staticBaseDockerfile(nodeImage(nodeVersion)) + basename(serverFolder))}`

interface Built {
  readonly nodeVersion: string
  readonly siteId: string
  readonly release: number
  readonly hasBuild: boolean
}

/**
 * The build's text and environment come as secrets, so neither is in the image or its history. They are no part of the
 * cache's key, therefore the number of the release is.
 */
export const nodeDockerfile = (built: Built): string => `FROM ${nodeImage(built.nodeVersion)}
WORKDIR /app
COPY --chown=app:app . .
USER app
${built.hasBuild ? buildStep(built) : ''}`

export const staticDockerfile = (
  built: Built,
  serverFolder: string,
): string => `FROM ${nodeImage(built.nodeVersion)} AS build
WORKDIR /app
COPY --chown=app:app . .
USER app
${buildStep(built)}
FROM ${staticImage(built.nodeVersion, serverFolder)}
COPY --from=build /site/ /site/
USER app
`

const buildStep = ({ siteId, release }: Built): string =>
  `RUN ${['build', 'command', 'environment', 'authorities'].map(secret).join(' ')} ` +
  `--mount=type=cache,id=hostler-${siteId},target=/home/app/.npm,uid=${userId},gid=${userId} ` +
  `: release ${release} && sh /run/secrets/build\n`

const secret = (id: string): string => `--mount=type=secret,id=${id},uid=${userId}`

export const ignoredFiles = '.git\n**/node_modules\n'

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 12)
