//! Every spelling of a module exposes the functions that are written in it.
use dependency::renamed_math;

mod stats {
    pub mod daily {
        #[tractor::rpc]
        pub async fn total() -> u64 {
            1
        }

        #[allow(dead_code)]
        pub async fn run() -> tractor::Result<()> {
            tractor::cluster! { modules: [super, super::super, super::daily::deep, self] }
                .scope(async |workers| {
                    for (_, portal) in &workers {
                        portal.run(crate::at_root).await?;
                        portal.run(super::above).await?;
                        portal.run(deep::below).await?;
                        portal.run(total).await?;
                    }
                    Ok(())
                })
                .await
        }

        pub mod deep {
            #[tractor::rpc]
            pub async fn below() {}
        }
    }

    #[tractor::rpc]
    pub async fn above() {}
}

#[tractor::rpc]
async fn at_root() {}

#[tractor::main]
async fn main() -> tractor::Result<()> {
    let list = tractor::modules![
        self,
        crate::stats,
        stats::daily,
        ::dependency,
        dependency::math
    ];
    assert_eq!(
        format!("{list:?}"),
        r#"["self", "crate::stats", "stats::daily", "::dependency", "dependency::math"]"#
    );
    Ok(())
}

#[allow(dead_code)]
async fn run() -> tractor::Result<()> {
    tractor::cluster! { modules: [crate, stats::daily, dependency, module_of(renamed_math::double)] }
        .scope(async |workers| {
            for (_, portal) in &workers {
                portal.run(at_root).await?;
                portal.run(stats::daily::total).await?;
                portal.run(dependency::at_root).await?;
                portal.run(renamed_math::double(1)).await?;
            }
            Ok(())
        })
        .await
}
