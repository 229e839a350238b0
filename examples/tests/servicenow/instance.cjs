// A thin stand-in for a ServiceNow instance: runs the scripts of a built application, with real HTTP.
//
// Commands come as lines of JSON on standard input, one answer each goes to standard output. Async rules run when they
// are told to ({"run": "in order"} or {"run": "reversed"}), so that a test decides in which order.
'use strict'

const crypto = require('node:crypto')
const fs = require('node:fs')
const readline = require('node:readline')
const vm = require('node:vm')
const { tables, insert, update, globalsOf } = require('./records.cjs')
const { RESTMessageV2 } = require('./rest.cjs')

const app = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'))
const properties = { ...app.properties }
const credentials = {}
const log = []
let queue = []

const gs = {
    getProperty: (name, otherwise) => properties[name] || otherwise,
    error: (text) => log.push(['error', text]),
    warn: (text) => log.push(['warn', text]),
    info: (text) => log.push(['info', text]),
    base64Encode: (text) => Buffer.from(text).toString('base64'),
    nil: (value) => value === null || value === undefined || value === '',
}

// A class is a constructor that hands its arguments to initialize.
const Class = {
    create() {
        return function (...words) {
            this.initialize(...words)
        }
    },
}

class StandardCredentialsProvider {
    getCredentialByAliasID(id) {
        const found = credentials[id]
        return found ? { getAttribute: (name) => found[name] ?? null } : null
    }
}

class GlideDateTime {
    getNumericValue() {
        return Date.now()
    }
}

const CertificateEncryption = {
    generateMac(key, algorithm, data) {
        if (algorithm !== 'HmacSHA256') throw new Error('no such algorithm: ' + algorithm)
        return crypto.createHmac('sha256', Buffer.from(key, 'base64')).update(data).digest('base64')
    },
}

const context = vm.createContext({
    gs,
    Class,
    sn_ws: { RESTMessageV2 },
    sn_cc: { StandardCredentialsProvider },
    CertificateEncryption,
    GlideDateTime,
    ...globalsOf(app.tables, (table, operation, record) => {
        const rules = app.rules.filter((rule) => rule.table === table && rule.on.includes(operation))
        rules.forEach((rule) => queue.push({ rule, record }))
    }),
})
app.includes.forEach((include) => vm.runInContext(include.script, context, { filename: include.name }))

function run(script, more) {
    // Each script has its own `current`; what it declares stays its own.
    const names = Object.keys(more)
    const body = vm.runInContext(`(function (${names.join(', ')}) {\n${script}\n})`, context)
    return body(...Object.values(more))
}

const commands = {
    property: ({ name, value }) => (properties[name] = value),
    credential: ({ alias, user, password }) => (credentials[alias] = { user_name: user, password }),
    insert: ({ table, values }) => insert(context, table, values),
    update: ({ table, sys_id, values }) => update(context, table, sys_id, values),
    run: ({ order }) => {
        const waiting = order === 'reversed' ? queue.reverse() : queue
        queue = []
        waiting.forEach(({ rule, record }) => run(rule.script, { current: record, previous: null }))
        return waiting.length
    },
    job: ({ name }) => run(app.jobs.find((job) => job.name === name).script, {}),
    rows: ({ table }) => [...(tables[table]?.values() ?? [])],
    log: () => log.splice(0),
}

readline.createInterface({ input: process.stdin }).on('line', (line) => {
    const { command, ...more } = JSON.parse(line)
    let answer
    try {
        answer = { result: commands[command](more) ?? null }
    } catch (error) {
        answer = { error: String(error.stack ?? error) }
    }
    process.stdout.write(JSON.stringify(answer) + '\n')
}).on('close', () => process.exit(0))
