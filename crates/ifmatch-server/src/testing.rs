//! A gateway without sockets, over a memory store and a target that is not there.

use crate::app::{Account, App, Parts};
use crate::clock::Clock;
use crate::config::{Auth, Config, HookAuth, HookSettings, OrgSettings, Secret, SourceKind, SourceSettings};
use crate::driver::{self, OrgHandle, OrgSetup};
use crate::hashed::Hashed;
use crate::holds;
use crate::observe::Logins;
use crate::routes::hook::HookDoor;
use crate::sessions::Sessions;
use crate::store_thread::StoreHandle;
use crate::upstream::Upstream;
use crate::{dialects, router};
use axum::Router;
use axum::body::Body;
use http::{HeaderName, Request, Response, StatusCode};
use http_body_util::BodyExt;
use ifmatch_core::merge::Policies;
use ifmatch_core::{EngineConfig, LocalTimes, OrgName, Sends, SignedDuration, SourceName};
use ifmatch_sources::form::Form;
use ifmatch_store::{MemoryStore, Store};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower::ServiceExt;

pub(crate) const OPERATOR_TOKEN: &str = "the operator's token";

/// Orgs `acme` and `other`; source `script` of `acme` with secret `s3cret` and a plain hook.
pub(crate) struct TestGateway {
    pub(crate) router: Router,
    pub(crate) app: App,
    /// A token of `script`.
    pub(crate) token: String,
    _stop: watch::Sender<bool>,
}

/// An org whose target nobody listens at.
pub(crate) fn org(name: &str) -> OrgSettings {
    let nowhere: http::Uri = "http://127.0.0.1:1".parse().unwrap();
    OrgSettings {
        name: name.to_owned(),
        dialect: "wfm-v2".to_owned(),
        api_url: nowhere.clone(),
        login_url: nowhere,
        client_id: "gateway".to_owned(),
        client_secret: Secret::new("of the target"),
        allow_private: true,
        unguarded: Default::default(),
        on_overwrite: Default::default(),
        rules: Default::default(),
        verify: Default::default(),
        notices: false,
        known: Default::default(),
        login: Default::default(),
        rest: None,
    }
}

fn script() -> SourceSettings {
    SourceSettings {
        name: "script".to_owned(),
        org: "acme".to_owned(),
        kind: SourceKind::Script,
        client_id: "script".to_owned(),
        client_secret: Secret::new("s3cret"),
        sends: Sends::Edits,
        auth: Auth::Gateway,
        observe: false,
        answer: SourceKind::Script.answer(),
        on_conflict: Policies::new(),
        local_times: LocalTimes::default(),
        on_overwrite: None,
        files: None,
        hook: Some(HookSettings {
            auth: vec![HookAuth::Basic],
            secrets: Vec::new(),
            header: HeaderName::from_static("x-api-key"),
            tolerance: SignedDuration::from_mins(5),
            form: Form::Plain,
            maps: Vec::new(),
        }),
    }
}

/// Starts the driver of an org over a store.
pub(crate) fn drive(name: &str, store: Box<dyn Store>, clock: &Clock, stop: watch::Receiver<bool>) -> OrgHandle {
    let (store, _thread) = StoreHandle::start(store).unwrap();
    let config = EngineConfig {
        org: OrgName::from(name),
        sources: BTreeMap::from([(SourceName::from("script"), script().to_engine(Default::default()))]),
        unguarded: BTreeSet::new(),
        verify: Default::default(),
        notices: false,
        limits: Config::defaults().limits.to_limits(),
        seed: 1,
    };
    let setup = OrgSetup {
        dialect: dialects::named("wfm-v2", &Default::default(), &Default::default(), None).unwrap(),
        config,
        upstream: Upstream::new(&org(name), clock.clone()),
        store,
        clock: clock.clone(),
        queue_max: 64,
        drain: Duration::from_secs(1),
    };
    driver::start(setup, stop).0
}

impl TestGateway {
    pub(crate) async fn start() -> Self {
        let mut gateway = Self::not_ready();
        for org in gateway.app.orgs.values() {
            org.ready().await;
        }
        let form = "grant_type=client_credentials&client_id=script&client_secret=s3cret";
        let answer = gateway.call("POST", "/oauth/token", form).await.expect(200);
        gateway.token = answer.json["access_token"].as_str().unwrap().to_owned();
        gateway
    }

    /// One whose engines do not know their stores yet, and do not before their tasks have run. Without a token.
    pub(crate) fn not_ready() -> Self {
        let clock = Clock::wall();
        let (stop, stopping) = watch::channel(false);
        let mut orgs = BTreeMap::new();
        for name in ["acme", "other"] {
            let handle = drive(name, Box::new(MemoryStore::new()), &clock, stopping.clone());
            orgs.insert(OrgName::from(name), handle);
        }
        let holds = orgs.values().map(|org| (org.org.clone(), holds::start(org, &clock, stopping.clone()).0)).collect();
        let account = Account::of(&script());
        let mut settings = Config::defaults().server;
        settings.body_bytes_max = 64 << 10;
        let app = App::new(Parts {
            clock,
            settings,
            orgs,
            holds,
            imports: BTreeMap::new(),
            sinks: Vec::new(),
            accounts: BTreeMap::from([("script".to_owned(), account)]),
            hooks: HookDoor::of(&script()).into_iter().collect(),
            files: BTreeMap::new(),
            sessions: Sessions::default(),
            watchers: BTreeMap::new(),
            logins: Logins::default(),
            operator_token: Hashed::of(OPERATOR_TOKEN),
            sandbox: None,
            stopping,
        });
        Self { router: router::router(app.clone()), app, token: String::new(), _stop: stop }
    }

    /// Calls as `script`, once it has logged in.
    pub(crate) async fn call(&self, method: &str, path: &str, body: impl Into<Body>) -> Called {
        self.call_with(method, path, &[], body).await
    }

    pub(crate) async fn call_with(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: impl Into<Body>,
    ) -> Called {
        let mut request = Request::builder().method(method).uri(path);
        let own_token = headers.iter().any(|(name, _)| *name == "authorization");
        if !own_token && !self.token.is_empty() {
            request = request.header("authorization", format!("Bearer {}", self.token));
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = self.router.clone().oneshot(request.body(body.into()).unwrap()).await.unwrap();
        Called::read(response).await
    }
}

/// An answer with its body read.
#[derive(Debug)]
pub(crate) struct Called {
    pub(crate) status: StatusCode,
    pub(crate) headers: http::HeaderMap,
    pub(crate) text: String,
    /// The body as JSON; null when it is none.
    pub(crate) json: Value,
}

impl Called {
    pub(crate) async fn read(response: Response<Body>) -> Self {
        let (parts, body) = response.into_parts();
        let bytes = body.collect().await.unwrap().to_bytes();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let json = serde_json::from_str(&text).unwrap_or_default();
        Self { status: parts.status, headers: parts.headers, text, json }
    }

    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{self:?}");
        self
    }
}

/// A place that does something with each connection; its address without a scheme.
pub(crate) async fn place<F>(mut act: impl FnMut(TcpStream) -> F + Send + 'static) -> SocketAddr
where
    F: Future<Output = ()> + Send + 'static,
{
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            tokio::spawn(act(stream));
        }
    });
    address
}
