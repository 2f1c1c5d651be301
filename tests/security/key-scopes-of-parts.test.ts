import { allPermissions, permissions } from '../../server/platform/access/permissions.js'
import { opensWhatItIsFor } from './key-scopes.js'

opensWhatItIsFor(allPermissions.filter((permission) => permissions[permission].on !== 'team'))
