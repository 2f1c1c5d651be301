/** What a failed command may have met, the first that fits wins: the particular stands before the general. */
export interface Explanation {
  /** Looked for in the last lines, from the last one up. */
  readonly line?: RegExp
  /** Used when no line of any explanation fits. */
  readonly exitCode?: number
  /** `found` is the first group that the pattern caught. */
  readonly message: (host: string, found: string | undefined) => string
  readonly hint: string
}

export const explanations: readonly Explanation[] = [
  // The machine itself
  {
    line: /System limit for number of file watchers reached|inotify watch limit/,
    message: (host) => `${host} cannot watch any more files`,
    hint: 'Raise fs.inotify.max_user_watches on that server, or turn off watching in the command.',
  },
  {
    line: /Disk quota exceeded|EDQUOT/,
    message: (host) => `The disk quota on ${host} is used up`,
    hint: 'Delete what is not needed, or raise the quota of that user, then try again.',
  },
  {
    line: /No space left on device|ENOSPC|not enough free space|You don't have enough free space/i,
    message: (host) => `The disk on ${host} is full`,
    hint: 'Make room on that server (old releases, Docker images and logs are the usual cause), then try again.',
  },
  {
    line: /Read-only file system|EROFS/i,
    message: (host) => `A file system on ${host} can only be read`,
    hint: 'Linux often does that after a disk error. Look at "dmesg" on that server, repair the disk and mount it writable again.',
  },
  {
    line: /JavaScript heap out of memory/,
    message: () => 'Node.js ran out of memory',
    hint: 'Give the site a higher memory limit, or set NODE_OPTIONS=--max-old-space-size in its environment.',
  },
  {
    line: /Cannot allocate memory|ENOMEM|Out of memory|std::bad_alloc|MemoryError/,
    message: (host) => `${host} ran out of memory`,
    hint: 'Stop something on that server, add memory or swap, or lower what the command needs, then try again.',
  },
  {
    line: /Too many open files|EMFILE|ENFILE/,
    message: (host) => `Too many files are open on ${host}`,
    hint: 'Raise the limit of open files (ulimit -n) for that user, or find the program that does not close them.',
  },
  {
    line: /fork: (?:retry: )?Resource temporarily unavailable|pthread_create failed|can't start new thread|spawn \S+ EAGAIN/,
    message: (host) => `${host} cannot start any more processes`,
    hint: 'Too many are running, or the limit of that user is too low. End some of them, then try again.',
  },
  {
    line: /sudo: (?:a password is required|a terminal is required|no tty present)|is not in the sudoers file/,
    message: (host) => `The user that the panel signs in as may not use sudo on ${host} without a password`,
    hint: 'Allow it with a line "NAME ALL=(ALL) NOPASSWD: ALL" in a file of /etc/sudoers.d, or let the panel sign in as root.',
  },
  {
    line: /This account is currently not available|nologin/,
    message: (host) => `The user that the panel signs in as has no shell on ${host}`,
    hint: 'Give that user the shell /bin/bash (chsh), or let the panel sign in as another one.',
  },
  {
    line: /Could not get lock \/var\/lib|Unable to acquire the dpkg|dpkg frontend lock/,
    message: (host) => `Another program is installing packages on ${host}`,
    hint: 'Usually these are automatic updates. Wait until they are done, then try again.',
  },
  {
    line: /dpkg was interrupted/,
    message: (host) => `An earlier installation on ${host} was interrupted`,
    hint: 'Run "dpkg --configure -a" on that server, then try again.',
  },
  {
    line: /Unable to locate package (\S+)|Package '?(\S+?)'? has no installation candidate/,
    message: (host, name) => `${host} knows no package ${name ?? 'of that name'}`,
    hint: 'Check that its system is a supported Debian or Ubuntu and that its package sources are complete.',
  },

  // Ports and Docker
  {
    line: /EADDRINUSE.*?:(\d+)\s*$|Bind for \S*:(\d+) failed|bind\S* (?:to )?\S*:(\d+).*[Aa]ddress already in use/,
    message: (host, port) => `Port ${port} on ${host} is already taken`,
    hint: 'Stop the program that uses it, or choose another port for this site.',
  },
  {
    line: /EADDRINUSE|address already in use|port is already allocated/i,
    message: (host) => `A port that is needed on ${host} is already taken`,
    hint: 'Stop the program that uses it, or choose another port for this site.',
  },
  {
    line: /Cannot connect to the Docker daemon|Is the docker daemon running|docker\.sock: connect: no such file/i,
    message: (host) => `Docker is not running on ${host}`,
    hint: 'Start it with "systemctl start docker" on that server, or run "Prepare" on the server\'s page.',
  },
  {
    line: /toomanyrequests|pull rate limit/i,
    message: () => 'The image registry allows no more downloads for now',
    hint: 'Wait until its limit is renewed, or sign in to the registry on that server.',
  },
  {
    line: /manifest for (\S+) not found|pull access denied for ([^,\s]+)|manifest unknown/,
    message: (_, image) => `The image ${image ?? 'that the Dockerfile starts from'} could not be downloaded`,
    hint: 'Check its name and tag in the Dockerfile, and whether the registry needs a sign-in.',
  },
  {
    line: /failed to read dockerfile|(?:Cannot|unable to) (?:locate|prepare context|evaluate symlinks in).*Dockerfile/i,
    message: () => 'The Dockerfile was not found',
    hint: "Check the root folder in the site's settings, and that the file is in the repository on this branch.",
  },

  // Git
  {
    line: /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/,
    message: () => 'The Git server showed another host key than expected',
    hint: 'Compare it with the fingerprint that the Git server publishes before you accept the new one.',
  },
  {
    line: /Permission denied \((?:publickey|[^)]*publickey)/,
    message: () => 'The Git server did not accept the key',
    hint: "Add the site's deploy key to the repository, with permission to read, then try again.",
  },
  {
    line: /Authentication failed for|could not read (?:Username|Password)|HTTP Basic: Access denied|Invalid username or (?:token|password)|The requested URL returned error: 40[13]/i,
    message: () => 'The Git server did not accept the token',
    hint: 'It may have expired or may not read this repository. Make a new one and enter it in the settings of the site.',
  },
  {
    line: /Remote branch (\S+) not found|couldn't find remote ref (?:refs\/heads\/)?(\S+)/i,
    message: (_, branch) => `The branch ${branch ?? ''} is not in the repository`.replace('  ', ' '),
    hint: 'It was renamed or deleted. Choose another branch in the settings of the site.',
  },
  {
    line: /not our ref|reference is not a tree|did not contain [0-9a-f]{7}|unable to read tree|bad object [0-9a-f]{7}/i,
    message: () => 'The commit is no longer in the repository',
    hint: 'The branch was probably force-pushed. Deploy its newest commit instead.',
  },
  {
    line: /Repository not found|repository '.*' not found|does not appear to be a git repository|project you were looking for could not be found/i,
    message: () => 'The repository was not found',
    hint: 'Check its address, and that the key or token of this site may read it: many Git servers hide private repositories.',
  },

  // npm and Node
  {
    line: /can only install packages when your package\.json|lock file's .* does not satisfy|package-lock\.json.*not in sync|frozen-lockfile/i,
    message: () => 'The lock file does not match package.json',
    hint: 'Run "npm install" on your machine and commit the new package-lock.json.',
  },
  {
    line: /The `?npm ci`? command can only install with an existing/,
    message: () => 'The repository has no package-lock.json',
    hint: 'Run "npm install" on your machine and commit package-lock.json, or use "npm install" as the install command.',
  },
  {
    line: /\bERESOLVE\b/,
    message: () => 'npm found packages that do not fit together',
    hint: 'Run "npm install" on your machine: it names the packages. Change their versions and commit.',
  },
  {
    line: /npm (?:ERR!|error) (?:code E404|404 .*'(\S+?)')/,
    message: (_, name) => `npm did not find the package ${name ?? 'that was asked for'}`,
    hint: 'Check its name and version in package.json. A private package needs a token in the environment of the build.',
  },
  {
    line: /[Mm]issing script:? "?([^"\s]+)"?/,
    message: (_, name) => `package.json has no script named ${name}`,
    hint: 'Add it there, or change the build or start command in the settings of the site.',
  },
  {
    line: /EBADENGINE|The engine "node" is incompatible|requires Node(?:\.js)? (?:version )?[>=^~v\d]/i,
    message: () => 'A package needs another version of Node.js',
    hint: 'Ask for that version in "engines" of package.json, in .nvmrc, or in the settings of the site.',
  },
  {
    line: /Cannot find (?:module|package) '([^']+)'|ERR_MODULE_NOT_FOUND/,
    message: (_, name) => `The program did not find the module ${name ?? 'that it imports'}`,
    hint: 'If it is a package, see that it is in "dependencies" and not only in "devDependencies"; if it is a file, that the build makes it.',
  },
  {
    line: /(?:[Ee]nvironment|env) var(?:iable)?\W+([A-Z][A-Z0-9_]+)\W.*(?:missing|not set|not defined|required|undefined)|(?:[Mm]issing|[Rr]equired) (?:required )?env(?:ironment)? var(?:iable)?s?\W+([A-Z][A-Z0-9_]+)/,
    message: (_, name) => `The environment variable ${name} is missing`,
    hint: 'Add it on the Environment page of the site, then deploy again.',
  },

  // Network
  {
    line: /Could not resolve host(?:name)?:? ([^\s;]+)|getaddrinfo (?:ENOTFOUND|EAI_AGAIN) (\S+)|lookup (\S+?):? .*no such host/i,
    message: (host, name) => `${host} could not find the address of ${name}`,
    hint: 'Check that the name is spelled right and that DNS works on that server.',
  },
  {
    line: /Temporary failure (?:in name resolution|resolving)|Name or service not known|ENOTFOUND|EAI_AGAIN/,
    message: (host) => `DNS does not work on ${host}`,
    hint: 'Check /etc/resolv.conf on that server, then try again.',
  },
  {
    line: /SSL certificate problem|certificate verify failed|certificate has expired|self[- ]signed certificate|x509: certificate|SELF_SIGNED_CERT|CERT_HAS_EXPIRED/i,
    message: (host) => `${host} does not trust the certificate of the server it spoke to`,
    hint: 'The certificate may have expired, or the clock or the package "ca-certificates" of that server is out of date.',
  },
  {
    line: /Connection refused|ECONNREFUSED/i,
    message: (host) => `Something that ${host} needs did not answer: the connection was refused`,
    hint: 'Check that the service is running and listens on the address in the last lines.',
  },
  {
    line: /Connection timed out|ETIMEDOUT|Operation timed out|i\/o timeout|TLS handshake timeout|Network is unreachable|No route to host|ENETUNREACH|EHOSTUNREACH/i,
    message: (host) => `${host} could not reach the other side in time`,
    hint: 'Check the network of that server and the firewalls on the way, then try again.',
  },
  {
    line: /Connection reset by peer|ECONNRESET|early EOF|The remote end hung up unexpectedly|unexpected disconnect/i,
    message: (host) => `The connection that ${host} had made was cut off`,
    hint: 'This often passes. Try again; if it stays, check the network of that server.',
  },

  // The command itself
  {
    line: /(?:^|[\s:])([\w.+@/-]+): (?:command )?not found\s*$|exec: "([^"]+)": executable file not found/,
    message: (host, name) => `The command ${name} is not installed on ${host}`,
    hint: 'Check its spelling, or install it on that server ("Prepare" on its page installs what Hostler needs).',
  },
  {
    line: /Permission denied|EACCES|Operation not permitted|EPERM/i,
    message: (host) => `The system on ${host} did not permit it`,
    hint: 'The last lines name the file. Check who owns it and what its mode allows.',
  },
  {
    line: /(\/\S+?)['"’]?: No such file or directory|ENOENT: no such file or directory, \w+ '([^']+)'/,
    message: (host, file) => `${file} does not exist on ${host}`,
    hint: 'Check the root folder and the commands in the settings of the site.',
  },
  {
    exitCode: 137,
    message: (host) => `The command was killed, most likely because ${host} or its memory limit had no more memory`,
    hint: 'Give it more memory (the limit in the settings of the site, or swap on that server), then try again.',
  },
  {
    exitCode: 127,
    message: (host) => `A command is not installed on ${host}`,
    hint: 'Check its spelling, or install it on that server ("Prepare" on its page installs what Hostler needs).',
  },
  {
    exitCode: 126,
    message: () => 'A command was found but may not be run',
    hint: 'Make the file executable (chmod +x) and commit that, or start it through its interpreter.',
  },
  {
    exitCode: 139,
    message: () => 'The command crashed (segmentation fault)',
    hint: 'This is a fault of that program or of a native module in it. Try another version of it.',
  },
  {
    exitCode: 143,
    message: () => 'The command was asked to stop from outside',
    hint: 'Somebody, or a restart of that server, ended it. Try again.',
  },
]
