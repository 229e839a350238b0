import { BusinessRule, ScheduledScript, ScriptInclude } from '@servicenow/sdk/core'

export const gateway = ScriptInclude({
    $id: Now.ID['gateway'],
    name: 'WfmGateway',
    description: 'Sends records to an ifmatch gateway',
    active: true,
    accessibleFrom: 'package_private',
    script: Now.include('../scripts/WfmGateway.server.js'),
})

// Async: the person who saves does not wait for the network. Async rules of one record may run out of order, which the
// gateway puts right by sys_mod_count.
export const sendReview = BusinessRule({
    $id: Now.ID['send-review'],
    name: 'Send review to WFM',
    table: 'x_acme_wfm_review',
    when: 'async',
    action: ['insert', 'update'],
    order: 1000,
    active: true,
    script: Now.include('../scripts/send-review.server.js'),
})

export const drainOutbox = ScheduledScript({
    $id: Now.ID['drain-outbox'],
    name: 'Send what is in the WFM outbox',
    active: true,
    frequency: 'periodically',
    executionStart: '2026-01-01 00:00:00',
    executionInterval: { minutes: 1 },
    script: Now.include('../scripts/drain-outbox.server.js'),
})
