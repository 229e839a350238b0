import { Alias, Property } from '@servicenow/sdk/core'

// The credential itself is made on the instance, under this alias: a basic authentication credential, whose user is the
// source's client_id. Its password is the source's client_secret, or the whsec_ secret of the hook.
export const credential = Alias({
    $id: Now.ID['credential'],
    name: 'WFM gateway',
    type: 'credential',
    description: 'How this instance shows the WFM gateway who it is',
})

export const gatewayUrl = Property({
    $id: Now.ID['gateway-url'],
    name: 'x_acme_wfm.gateway_url',
    type: 'string',
    value: '',
    description: 'Address of the gateway, for example https://wfm-gateway.example.com',
    roles: { read: ['admin'], write: ['admin'] },
})

export const source = Property({
    $id: Now.ID['source'],
    name: 'x_acme_wfm.source',
    type: 'string',
    value: 'servicenow',
    description: 'Name of the source in the configuration of the gateway',
    roles: { read: ['admin'], write: ['admin'] },
})

export const auth = Property({
    $id: Now.ID['auth'],
    name: 'x_acme_wfm.auth',
    type: 'choicelist',
    choices: ['basic', 'signature'],
    value: 'basic',
    description: 'basic: client_id and client_secret of the source; signature: Standard Webhooks',
    roles: { read: ['admin'], write: ['admin'] },
})

export const credentialAlias = Property({
    $id: Now.ID['credential-alias'],
    name: 'x_acme_wfm.credential_alias',
    type: 'string',
    value: '292fe3d73af640aab5c4b998a91832a7',
    description: 'sys_id of the credential alias of this application',
    roles: { read: ['admin'], write: ['admin'] },
})

export const timeout = Property({
    $id: Now.ID['timeout'],
    name: 'x_acme_wfm.timeout_ms',
    type: 'integer',
    value: 8000,
    description: 'How long an answer of the gateway is waited for, in milliseconds',
    roles: { read: ['admin'], write: ['admin'] },
})
