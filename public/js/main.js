// Everything here makes pages smoother; none of it is needed to use them.
import './requests.js'
import './copy.js'
import './times.js'
import './menus.js'
import './dialogs.js'
import './palette.js'
import './unsaved.js'
import './log.js'
