//! Functions that another crate calls, each in a module of its own, so that many codegen units put
//! them into different object files.

/// In a module.
pub mod math {
    /// Twice `n`.
    #[tractor::rpc]
    pub async fn double(n: u64) -> u64 {
        n * 2
    }

    /// In a module of a module.
    pub mod deep {
        /// `n` times itself.
        #[tractor::rpc]
        pub async fn square(n: u64) -> u64 {
            n * n
        }
    }
}

/// In another module.
pub mod text {
    /// The text in capitals.
    #[tractor::rpc]
    pub fn shout(text: String) -> String {
        text.to_uppercase()
    }
}

/// Reached through the function below alone.
mod hidden {
    /// A secret.
    #[tractor::rpc]
    pub async fn secret() -> u64 {
        42
    }
}

/// A call that the caller could not name.
pub fn secret() -> tractor::Call<hidden::secret> {
    hidden::secret()
}

/// Starts a worker that exposes what only this crate can name.
///
/// # Errors
///
/// When the worker cannot be started or does not answer.
pub async fn ask_for_the_secret() -> tractor::Result<u64> {
    tractor::cluster! { modules: [hidden], count: 1 }
        .scope(async |workers| workers["worker_0"].run(secret()).await)
        .await
}
