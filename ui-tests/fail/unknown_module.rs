mod workers {
    pub fn not_a_module() {}
}

#[tractor::main]
async fn main() {
    let _ = tractor::modules![workers, wrokers, crate::sattsi, workers::not_a_module];
    let _ = tractor::cluster! { modules: [super::workers] };
}
