/** A link that proves an address works so long: mail may be late, and people read it in the evening. */
export const confirmHours = 24

/** The old address can be brought back so long: whoever lost the account may be on holiday. */
export const undoDays = 7
