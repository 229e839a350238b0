// A load plan for a gateway: virtual users who read a quality score and write it back, as scripts do.
//
// Bounds: 4 users, 5 seconds (USERS and SECONDS, at most 50 and 300), a pause of 50 ms after each round, one record for each
// user. It runs against addresses of this machine only, unless ALLOW_HOST names the host. Never point it at a target
// that people work with: point it at a gateway with `--sandbox`.
import http from 'k6/http'
import encoding from 'k6/encoding'
import { check, fail, sleep } from 'k6'
import { Counter } from 'k6/metrics'

const url = __ENV.GATEWAY_URL || 'http://127.0.0.1:8409'
const users = Math.min(Number(__ENV.USERS || 4), 50)
const seconds = Math.min(Number(__ENV.SECONDS || 5), 300)
const landed = new Counter('landed')

export const options = {
    scenarios: { edits: { executor: 'constant-vus', vus: users, duration: `${seconds}s`, gracefulStop: '30s' } },
    thresholds: {
        checks: ['rate==1'],
        http_req_failed: ['rate==0'],
        landed: ['count>0'],
    },
}

export function setup() {
    const host = url.replace(/^https?:\/\//, '').split(/[:/]/)[0]
    if (!['127.0.0.1', 'localhost'].includes(host) && host !== __ENV.ALLOW_HOST) {
        fail(`${host} is not this machine: set ALLOW_HOST=${host} if it may be loaded`)
    }
    const basic = encoding.b64encode(`${__ENV.CLIENT_ID}:${__ENV.CLIENT_SECRET}`)
    const login = http.post(`${url}/oauth/token`, { grant_type: 'client_credentials' }, { headers: { Authorization: `Basic ${basic}` } })
    const scores = http.get(`${url}/__sandbox/world`).json('quality_scores')
    return { token: login.json('access_token'), paths: scores.slice(0, users).map((score) => score.path) }
}

export default function ({ token, paths }) {
    const path = url + paths[(__VU - 1) % paths.length]
    const headers = { Authorization: `Bearer ${token}`, 'Content-Type': 'application/json' }
    const tags = { name: 'score' }
    const read = http.get(path, { headers, tags })
    const score = (read.json('score') + 1) % 101
    const body = JSON.stringify({ score })
    const written = http.patch(path, body, { headers: { ...headers, 'If-Match': read.headers.Etag }, tags })
    check(written, {
        'no refusal': (answer) => answer.status === 200 || answer.status === 202,
        'the outcome is told': (answer) => Boolean(answer.headers['Ifmatch-Outcome']),
    })
    if (written.headers['Ifmatch-Outcome'] === 'landed') landed.add(1)
    sleep(0.05)
}
