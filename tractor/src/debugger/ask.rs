//! Questions that may find no answer.

use std::sync::mpsc::channel;
use std::thread::Builder;
use std::time::Duration;

use crate::base::on_own_thread;
use crate::rpc::panic::catch;

/// How long an answer may take. Only what waits for the thread that has stopped takes so long.
const PATIENCE: Duration = Duration::from_secs(3);

/// Asks something on a thread of its own. Gives the answer, or why there is none.
///
/// What is asked may run code of the user, which can panic; and it may need any lock that the thread holds
/// which has stopped: that of a link, when a value panics which it encodes, or that of a span.
pub(super) fn ask(question: impl FnOnce() -> Option<String> + Send + 'static) -> Option<String> {
    let (give, answer) = channel();
    let asks = Builder::new().name("tractor-asks".to_owned());
    let asked = asks.spawn(on_own_thread(move || {
        let _ = give.send(catch(question));
    }));
    match asked.map(|_| answer.recv_timeout(PATIENCE)) {
        Ok(Ok(Ok(answer))) => answer,
        Ok(Ok(Err(caught))) => Some(format!("cannot be shown: {caught}")),
        Ok(Err(_)) => Some("cannot be shown: the thread that has stopped holds it".to_owned()),
        Err(error) => Some(format!("cannot be shown: {error}")),
    }
}
