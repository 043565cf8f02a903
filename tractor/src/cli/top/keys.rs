//! What the keys do.

use ratatui::crossterm::event::{Event, KeyCode, KeyEventKind, KeyModifiers};

use super::app::App;

/// What the last line of the screen says of them.
pub(super) const HELP: &str = "q quit   ↑↓ choose   s order   space pause";

/// A page, of rows.
const PAGE: isize = 10;

/// Does what a key asks for.
pub(super) fn handle(event: &Event, app: &mut App) {
    let Event::Key(key) = event else {
        return;
    };
    if key.kind == KeyEventKind::Release {
        return;
    }
    match key.code {
        KeyCode::Char('c') if key.modifiers.contains(KeyModifiers::CONTROL) => app.quit(),
        KeyCode::Char('q') | KeyCode::Esc => app.quit(),
        KeyCode::Up | KeyCode::Char('k') => app.choose(-1),
        KeyCode::Down | KeyCode::Char('j') => app.choose(1),
        KeyCode::PageUp => app.choose(-PAGE),
        KeyCode::PageDown => app.choose(PAGE),
        KeyCode::Home => app.choose(isize::MIN),
        KeyCode::End => app.choose(isize::MAX),
        KeyCode::Char('s') => app.change_order(),
        KeyCode::Char(' ') => app.pause(),
        _ => {}
    }
}
