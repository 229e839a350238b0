// Sends records to an ifmatch gateway, and keeps what it could not send.
//
// identity and order: sys_id and sys_mod_count stand in each body. The gateway takes the same pair once, and an older
// count that comes after a newer one ends as superseded. So sending twice does no harm, and neither does sending late.
var WfmGateway = Class.create();
WfmGateway.prototype = {
    initialize: function () {
        this.address = this._property('gateway_url').replace(/\/+$/, '');
        this.source = this._property('source');
        this.auth = this._property('auth');
        this.timeout = parseInt(this._property('timeout_ms'), 10) || 8000;
    },

    // Sends the record as it stands; what the gateway did not take goes to the outbox.
    enqueue: function (record, operation) {
        var key = record.getUniqueValue() + ':' + record.getValue('sys_mod_count');
        var body = JSON.stringify(this.body(record, operation));
        var answer = this.post(key, body);
        if (answer.error) {
            this._keep(key, body, answer);
        }
        return answer;
    },

    // What the gateway's map for this source points into (ifmatch.toml beside this application).
    body: function (record, operation) {
        return {
            table: record.getTableName(),
            operation: operation,
            sys_id: record.getUniqueValue(),
            sys_mod_count: record.getValue('sys_mod_count'),
            // Values of the database: UTC, whatever zone the user sees.
            sys_updated_on: record.getValue('sys_updated_on'),
            sys_updated_by: record.getValue('sys_updated_by'),
            number: record.getValue('number'),
            agent: { email: record.agent.email.toString() },
            evaluation_form: record.getValue('evaluation_form'),
            reviewed_at: record.getValue('reviewed_at'),
            score: record.getValue('score'),
            comments: record.getValue('comments'),
            correlation_id: record.getUniqueValue()
        };
    },

    // One request. Returns {intent, duplicate} or {error, again}: whether the same request may be taken later.
    post: function (key, body) {
        if (!this.address || !this.source) {
            return this._failed('the properties x_acme_wfm.gateway_url and x_acme_wfm.source are not set', true);
        }
        try {
            var request = new sn_ws.RESTMessageV2();
            request.setHttpMethod('post');
            request.setEndpoint(this.address + '/v1/hooks/' + encodeURIComponent(this.source));
            request.setHttpTimeout(this.timeout);
            request.setRequestHeader('Content-Type', 'application/json');
            request.setRequestHeader('Accept', 'application/json');
            this._identify(request, key, body);
            // A body with `${` in it must go out as it is.
            request.disableForcedVariableSubstitution();
            request.setRequestBody(body);
            return this._read(request.execute());
        } catch (error) {
            return this._failed('' + error, true);
        }
    },

    // Sends what is in the outbox, the oldest first; stops at the first that the gateway cannot take now.
    drain: function () {
        var sent = 0;
        var waiting = new GlideRecord('x_acme_wfm_outbox');
        waiting.addQuery('refused', false);
        waiting.orderBy('sys_created_on');
        waiting.setLimit(200);
        waiting.query();
        while (waiting.next()) {
            var answer = this.post(waiting.getValue('key'), waiting.getValue('body'));
            if (!answer.error) {
                waiting.deleteRecord();
                sent += 1;
                continue;
            }
            waiting.setValue('error', answer.error);
            waiting.setValue('refused', !answer.again);
            waiting.update();
            if (answer.again) {
                break;
            }
        }
        return sent;
    },

    // By the source's own credentials, or by a signature of Standard Webhooks. Both come from the credential alias.
    _identify: function (request, key, body) {
        var credential = new sn_cc.StandardCredentialsProvider().getCredentialByAliasID(this._property('credential_alias'));
        if (!credential) {
            throw new Error('the credential alias of x_acme_wfm has no credential');
        }
        if (this.auth !== 'signature') {
            request.setBasicAuth(credential.getAttribute('user_name'), credential.getAttribute('password'));
            return;
        }
        var now = '' + Math.floor(new GlideDateTime().getNumericValue() / 1000);
        // What stands after whsec_ is the key in base64, as generateMac wants it.
        var secret = ('' + credential.getAttribute('password')).replace(/^whsec_/, '');
        var mac = CertificateEncryption.generateMac(secret, 'HmacSHA256', key + '.' + now + '.' + body);
        request.setRequestHeader('webhook-id', key);
        request.setRequestHeader('webhook-timestamp', now);
        request.setRequestHeader('webhook-signature', 'v1,' + mac);
    },

    _read: function (response) {
        var status = response.getStatusCode();
        if (status === 202) {
            var taken = JSON.parse(response.getBody());
            return { intent: taken.intent_id, duplicate: taken.duplicate === true, ignored: taken.reason };
        }
        // The body cannot be mapped or is none: sending it again would end in the same way.
        var final = status === 400 || status === 413 || status === 422;
        return this._failed(status + ' ' + (response.getBody() || response.getErrorMessage()), !final);
    },

    _failed: function (text, again) {
        gs.error('x_acme_wfm: ' + text);
        return { error: ('' + text).substring(0, 1000), again: again };
    },

    _keep: function (key, body, answer) {
        var outbox = new GlideRecord('x_acme_wfm_outbox');
        if (outbox.get('key', key)) {
            return;
        }
        outbox.initialize();
        outbox.setValue('key', key);
        outbox.setValue('body', body);
        outbox.setValue('error', answer.error);
        outbox.setValue('refused', !answer.again);
        outbox.insert();
    },

    _property: function (name) {
        return gs.getProperty('x_acme_wfm.' + name, '');
    },

    type: 'WfmGateway'
};
