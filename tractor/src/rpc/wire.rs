//! A value that can cross a process boundary.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// A value that can cross a process boundary: owned, `serde`, [`Send`].
///
/// It holds of every type that can; there is nothing to implement.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot cross a process boundary",
    label = "cannot be sent to another process",
    note = "derive `serde::Serialize` and `serde::Deserialize` for it, and let it own its data"
)]
pub trait Wire: Serialize + DeserializeOwned + Send + 'static {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + DeserializeOwned + Send + 'static> Wire for T {}
