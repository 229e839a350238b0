//! One file per command.

pub(crate) mod apply;
pub(crate) mod audit;
pub(crate) mod bench;
pub(crate) mod brake;
pub(crate) mod config;
pub(crate) mod demo;
pub(crate) mod explain;
pub(crate) mod import;
pub(crate) mod intents;
pub(crate) mod lab;
pub(crate) mod migration;
pub(crate) mod observe;
pub(crate) mod probe;
pub(crate) mod sandbox;
pub(crate) mod scenario;
pub(crate) mod serve;
pub(crate) mod sim;
pub(crate) mod sources;
pub(crate) mod status;
