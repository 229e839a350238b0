// RESTMessageV2 with real HTTP. Scripts of an instance wait for the answer, so a thread asks and this one sleeps.
'use strict'

const { MessageChannel, Worker, isMainThread, receiveMessageOnPort, workerData } = require('node:worker_threads')

if (isMainThread) {
    module.exports = { RESTMessageV2: messages() }
} else {
    ask(workerData)
}

function messages() {
    class Response {
        constructor(answer) {
            this.answer = answer
        }
        getStatusCode() {
            return this.answer.status
        }
        getBody() {
            return this.answer.body
        }
        getHeader(name) {
            return this.answer.headers[name.toLowerCase()] ?? null
        }
        haveError() {
            return this.answer.status === 0
        }
        getErrorMessage() {
            return this.answer.error ?? ''
        }
    }

    return class RESTMessageV2 {
        constructor() {
            this.request = { method: 'GET', url: '', headers: { 'User-Agent': 'ServiceNow/1.0' }, body: '', timeout: 10000 }
            this.substitute = true
        }
        setHttpMethod(method) {
            this.request.method = method.toUpperCase()
        }
        setEndpoint(url) {
            this.request.url = url
        }
        setHttpTimeout(milliseconds) {
            this.request.timeout = milliseconds
        }
        setRequestHeader(name, value) {
            this.request.headers[name] = value
        }
        setBasicAuth(user, password) {
            this.request.headers.Authorization = 'Basic ' + Buffer.from(user + ':' + password).toString('base64')
        }
        disableForcedVariableSubstitution() {
            this.substitute = false
        }
        setRequestBody(body) {
            // On an instance a body with ${…} loses it, unless substitution is off.
            this.request.body = this.substitute ? body.replace(/\$\{[^}]*\}/g, '') : body
        }
        execute() {
            const { port1, port2 } = new MessageChannel()
            const signal = new Int32Array(new SharedArrayBuffer(4))
            const worker = new Worker(__filename, {
                workerData: { request: this.request, port: port2, signal },
                transferList: [port2],
            })
            Atomics.wait(signal, 0, 0, this.request.timeout + 2000)
            const answer = receiveMessageOnPort(port1)?.message ?? { status: 0, error: 'no answer in time', headers: {}, body: '' }
            worker.terminate()
            return new Response(answer)
        }
    }
}

async function ask({ request, port, signal }) {
    let answer
    try {
        const { method, url, headers, body, timeout } = request
        // A stream has no length, so the body is sent in chunks, as some proxies of instances do.
        const stream = new Blob([body]).stream()
        const options = { method, headers, body: stream, duplex: 'half', signal: AbortSignal.timeout(timeout) }
        const response = await fetch(url, options)
        answer = { status: response.status, body: await response.text(), headers: Object.fromEntries(response.headers) }
    } catch (error) {
        answer = { status: 0, error: String(error.cause ?? error), headers: {}, body: '' }
    }
    port.postMessage(answer)
    Atomics.store(signal, 0, 1)
    Atomics.notify(signal, 0)
}
