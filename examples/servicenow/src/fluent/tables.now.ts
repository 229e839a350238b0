import {
    BooleanColumn,
    DateTimeColumn,
    DecimalColumn,
    ReferenceColumn,
    StringColumn,
    Table,
} from '@servicenow/sdk/core'

// A review of a conversation. Where you have such a table already, leave this one out and name yours in rules.now.ts.
export const x_acme_wfm_review = Table({
    name: 'x_acme_wfm_review',
    label: 'Quality review',
    display: 'number',
    autoNumber: { prefix: 'QR', number: 1000, numberOfDigits: 7 },
    schema: {
        number: StringColumn({ label: 'Number', maxLength: 40, readOnly: true }),
        agent: ReferenceColumn({ label: 'Agent', referenceTable: 'sys_user', mandatory: true }),
        evaluation_form: StringColumn({ label: 'Evaluation form', maxLength: 100, mandatory: true }),
        reviewed_at: DateTimeColumn({ label: 'Reviewed at', mandatory: true }),
        score: DecimalColumn({ label: 'Score', mandatory: true }),
        comments: StringColumn({ label: 'Comments', maxLength: 4000 }),
    },
})

// What the gateway has not taken yet. One row for each state of a record: the key is sys_id and sys_mod_count.
export const x_acme_wfm_outbox = Table({
    name: 'x_acme_wfm_outbox',
    label: 'WFM outbox',
    display: 'key',
    accessibleFrom: 'package_private',
    index: [{ name: 'outbox_key', unique: true, element: 'key' }],
    schema: {
        key: StringColumn({ label: 'Key', maxLength: 80, mandatory: true }),
        body: StringColumn({ label: 'Body', maxLength: 8000, mandatory: true }),
        error: StringColumn({ label: 'Last error', maxLength: 1000 }),
        refused: BooleanColumn({ label: 'Refused for good', default: false }),
    },
})
