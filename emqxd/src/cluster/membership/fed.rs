//! Membership in a simulation: whoever feeds it decides who is alive.

use super::*;

impl Membership {
    /// With these views instead of gossip.
    pub(crate) fn fed(views: watch::Receiver<Arc<View>>) -> Self {
        Self {
            views,
            shared: Arc::default(),
            handle: Mutex::new(None),
            watcher: tokio::spawn(std::future::ready(())),
        }
    }
}
