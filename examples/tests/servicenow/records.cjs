// Tables in memory, and as much of GlideRecord as the application uses.
'use strict'

const crypto = require('node:crypto')

const tables = {}
const stamp = () => new Date().toISOString().slice(0, 19).replace('T', ' ')

function table(name) {
    return (tables[name] ??= new Map())
}

// A field of a record. What a reference points at is reached by a dot, as on an instance.
function element(columns, name, row) {
    const value = row[name] ?? ''
    const target = columns[name]
    const fields = { toString: () => String(value), getDisplayValue: () => String(value), nil: () => value === '' }
    return new Proxy(fields, {
        get(known, field) {
            if (field in known || typeof field === 'symbol' || !target) return known[field]
            return element({}, field, table(target).get(value) ?? {})
        },
    })
}

function globalsOf(schemas, changed) {
    function columnsOf(name) {
        return schemas[name] ?? {}
    }

    class GlideRecordBase {
        constructor(name) {
            this.$ = { name, row: {}, found: [], conditions: [], order: null, limit: Infinity, operation: null }
        }
        initialize() {
            this.$.row = {}
        }
        getTableName() {
            return this.$.name
        }
        getUniqueValue() {
            return this.$.row.sys_id ?? null
        }
        getValue(field) {
            const value = this.$.row[field]
            return value === undefined || value === '' ? null : String(value)
        }
        setValue(field, value) {
            this.$.row[field] = typeof value === 'boolean' ? (value ? '1' : '0') : String(value ?? '')
        }
        operation() {
            return this.$.operation
        }
        addQuery(field, value) {
            this.$.conditions.push([field, value])
        }
        orderBy(field) {
            this.$.order = field
        }
        setLimit(limit) {
            this.$.limit = limit
        }
        query() {
            const fits = (row) => this.$.conditions.every(([field, value]) => this.same(row[field], value))
            const rows = [...table(this.$.name).values()].filter(fits)
            const by = this.$.order
            if (by) rows.sort((a, b) => (a[by] < b[by] ? -1 : a[by] > b[by] ? 1 : 0))
            this.$.found = rows.slice(0, this.$.limit)
        }
        // A boolean that was never set is false.
        same(held, value) {
            return typeof value === 'boolean' ? (held === '1') === value : held === String(value)
        }
        next() {
            const row = this.$.found.shift()
            if (!row) return false
            this.$.row = { ...row }
            return true
        }
        get(field, value) {
            const rows = [...table(this.$.name).values()]
            const row = rows.find((row) => row[value === undefined ? 'sys_id' : field] === (value ?? field))
            if (row) this.$.row = { ...row }
            return Boolean(row)
        }
        insert() {
            const sys_id = crypto.randomUUID().replaceAll('-', '')
            this.save('insert', { sys_id, sys_mod_count: '0', sys_created_on: stamp() })
            return sys_id
        }
        update() {
            const held = table(this.$.name).get(this.$.row.sys_id)
            const changed = Object.keys(this.$.row).some((field) => this.$.row[field] !== held[field])
            // Nothing changed: nothing is written, and no rule runs.
            if (changed) this.save('update', { sys_mod_count: String(Number(held.sys_mod_count) + 1) })
            return this.$.row.sys_id
        }
        deleteRecord() {
            table(this.$.name).delete(this.$.row.sys_id)
        }
        save(operation, more) {
            Object.assign(this.$.row, more, { sys_updated_on: stamp(), sys_updated_by: 'qa.lead' })
            table(this.$.name).set(this.$.row.sys_id, { ...this.$.row })
            const seen = new GlideRecord(this.$.name)
            seen.$.row = { ...this.$.row }
            seen.$.operation = operation
            changed(this.$.name, operation, seen)
        }
    }

    // `current.agent` is the field, `current.getValue` the method.
    function GlideRecord(name) {
        const record = new GlideRecordBase(name)
        return new Proxy(record, {
            get: (known, field) =>
                field in known || typeof field === 'symbol' ? known[field] : element(columnsOf(name), field, known.$.row),
        })
    }
    return { GlideRecord }
}

function insert(context, name, values) {
    const record = new context.GlideRecord(name)
    Object.entries(values).forEach(([field, value]) => record.setValue(field, value))
    return record.insert()
}

function update(context, name, sys_id, values) {
    const record = new context.GlideRecord(name)
    if (!record.get(sys_id)) throw new Error(`no ${sys_id} in ${name}`)
    Object.entries(values).forEach(([field, value]) => record.setValue(field, value))
    return record.update()
}

module.exports = { tables, insert, update, globalsOf }
