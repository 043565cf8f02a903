//! Calls every function of a dependency in another process.

#![forbid(unsafe_code)]

use functions::math::deep::square;
use functions::math::double;
use functions::text::shout;
use tractor::Result;

#[tractor::main]
async fn main() -> Result<()> {
    let registered = tractor::registered_functions();
    println!("registered {}", registered.join(" "));
    tractor::cluster! {
        modules: [functions::math, functions::math::deep, functions::text], count: 1,
    }
    .scope(async |workers| {
        let portal = &workers["worker_0"];
        println!("double {}", portal.run(double(4)).await?);
        println!("square {}", portal.run(square(4)).await?);
        println!("shout {}", portal.run(shout("four".to_owned())).await?);
        Ok::<_, tractor::Error>(())
    })
    .await?;
    println!("secret {}", functions::ask_for_the_secret().await?);
    Ok(())
}
