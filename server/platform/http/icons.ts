/** The icons that views use, by their names in @tabler/icons (outline). Only these go into the sprite. */
export const iconNames: ReadonlySet<string> = new Set(
  `
  activity alert-circle alert-triangle archive arrow-back-up arrow-down arrow-left ban bell book box calendar check
  chevron-down chevron-right circle circle-check circle-dashed circle-minus circle-x clock command copy cpu database device-desktop
  dots-vertical download external-link eye eye-off file-text folder git-branch git-commit git-pull-request heart-rate-monitor history home
  info-circle key link loader-2 lock login-2 logout maximize menu-2 moon pencil player-play player-stop plus refresh rocket search
  selector server settings shield snowflake stack-2 sun terminal-2 tool trash user users variable wand webhook world x
  `
    .trim()
    .split(/\s+/),
)
