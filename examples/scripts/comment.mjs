// Appends a word to the comments of quality scores: read, change, write back, and on a refusal once more. As people write it.
//
// API_URL, CLIENT_ID and CLIENT_SECRET say where; the arguments are the word and the ids of scores. Nothing in here knows
// of ifmatch: see adjust.py.
const { API_URL, CLIENT_ID, CLIENT_SECRET } = process.env
const [word, ...ids] = process.argv.slice(2)

const login = await fetch(`${API_URL}/oauth/token`, {
    method: 'POST',
    headers: { Authorization: 'Basic ' + Buffer.from(`${CLIENT_ID}:${CLIENT_SECRET}`).toString('base64') },
    body: new URLSearchParams({ grant_type: 'client_credentials' }),
})
const bearer = { Authorization: `Bearer ${(await login.json()).access_token}` }

async function comment(id) {
    const url = `${API_URL}/api/v2/wfm/v2/quality/scores/${id}`
    for (let attempt = 0; attempt < 3; attempt++) {
        const answer = await fetch(url, { headers: bearer })
        const record = await answer.json()
        const changed = { ...record, comments: `${record.comments} ${word}`.trim() }
        const written = await fetch(url, {
            method: 'PATCH',
            headers: { ...bearer, 'If-Match': answer.headers.get('etag'), 'Content-Type': 'application/json' },
            body: JSON.stringify(changed),
        })
        if (written.ok) return (await written.json()).comments
        console.error(`${id}: ${written.status}`)
        await new Promise((done) => setTimeout(done, 500))
    }
    throw new Error(`${id}: given up after 3 tries`)
}

// All at once: whoever shares a record with another refuses the other.
const comments = await Promise.all(ids.map(comment))
ids.forEach((id, index) => console.log(JSON.stringify({ id, comments: comments[index] })))
