// <form data-at-once>: passes on what another site sent its visitor back with. Without scripts a person presses the button.

document.querySelector('form[data-at-once]')?.requestSubmit()
