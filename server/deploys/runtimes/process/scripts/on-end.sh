#!/bin/sh
# What systemd runs after each end of an instance: notes how it ended, as systemd forgets it when it starts the next.
echo "${SERVICE_RESULT:-} ${EXIT_CODE:-} ${EXIT_STATUS:-}" >"$(dirname -- "$0")/ended"
