import { v7 } from 'uuid'

/** Time-ordered (RFC 9562), so that primary keys stay together in their index and sort by age. */
export const newId = (): string => v7()
