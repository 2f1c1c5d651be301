import type { Job } from './plan.js'

/** A systemd unit for one instance. Its environment is not in it: start.sh makes it, and reads the site's as its user. */
export const unitText = (job: Job, folder: string): string => `[Unit]
Description=${job.name}
After=network.target
StartLimitIntervalSec=0

[Service]
Type=exec
User=${job.place.user}
WorkingDirectory=${escaped(job.directory)}
ExecStart=/bin/sh ${escaped(folder)}/start unit
ExecStopPost=-+/bin/sh ${escaped(folder)}/on-end
Restart=always
RestartSec=2
KillMode=mixed
TimeoutStopSec=30
MemoryMax=${job.memoryMb}M
MemorySwapMax=0
CPUQuota=${Math.max(1, Math.round(job.cpus * 100))}%
TasksMax=1024
NoNewPrivileges=yes
CapabilityBoundingSet=
PrivateTmp=yes
PrivateDevices=yes
ProtectSystem=full
ProtectKernelTunables=yes
ProtectControlGroups=yes
RestrictSUIDSGID=yes

[Install]
WantedBy=multi-user.target
`

/** Only a percent sign means something in a path that has no blanks; a folder with one is refused when a server is added. */
const escaped = (path: string): string => path.replaceAll('%', '%%')
