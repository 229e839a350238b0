//! A flag that turns true once, as a future.

use tokio::sync::watch;

/// Waits until the value turns true, or its sender is dropped.
pub(crate) async fn stopped(stop: &mut watch::Receiver<bool>) {
    // Without a sender nobody is left who could want this to go on.
    let _closed = stop.wait_for(|stop| *stop).await.is_ok();
}
