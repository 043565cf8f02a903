//! Screens as a person sees them.

use std::time::{Duration, Instant};

use ratatui::Terminal;
use ratatui::backend::TestBackend;
use ratatui::buffer::Cell;
use ratatui::crossterm::event::{Event, KeyCode, KeyEvent, KeyModifiers};
use ratatui::style::{Color, Modifier};

use super::app::App;
use super::{keys, screen};
use crate::base::{ActorSnapshot, ActorState, Aid, CallSnapshot, ProcessSnapshot, ProcessState};

const SECOND: Duration = Duration::from_secs(1);

fn actor(path: &str, pid: u32, memory: u64, cpu: u64) -> ActorSnapshot {
    let aid = Aid::of_process(path, pid, 0);
    let mut actor = ActorSnapshot::new(path.to_owned(), Some(aid), ActorState::Running);
    actor.process = Some(ProcessSnapshot {
        pid,
        state: ProcessState::Sleeping,
        threads: 2,
        memory,
        cpu: Duration::from_millis(cpu),
        age: SECOND,
    });
    actor
}

/// A tree of which one works and one does not answer; it has used so much processor time.
fn tree(cpu: u64) -> ActorSnapshot {
    let mut root = actor("shop", 100, 4 << 20, 0);
    let mut bakery = actor("shop.bakery", 4_000_102, 9 << 20, cpu);
    let mut mill = actor("shop.bakery.mill", 103, 2 << 20, 0);
    mill.state = ActorState::Unresponsive;
    let call = |peer: &ActorSnapshot, function: &str, age| CallSnapshot {
        function: function.to_owned(),
        peer: peer.aid.clone().expect("it has one"),
        age,
        cancelled: false,
    };
    root.waiting.push(call(&bakery, "app::bake", 90 * SECOND));
    bakery.answering.push(call(&root, "app::bake", 90 * SECOND));
    for _ in 0..9 {
        bakery.waiting.push(call(&mill, "app::grind", SECOND));
    }
    bakery.children.push(mill);
    root.children.push(bakery);
    root.children.push(actor("shop.till", 104, 3 << 20, 0));
    root
}

/// An app that has looked twice, a second apart.
fn app() -> App {
    let (mut app, at) = (App::new(SECOND, true), Instant::now());
    app.update(at, tree(0));
    app.update(at + SECOND, tree(500));
    app
}

fn press(app: &mut App, keys: &[KeyCode]) {
    for key in keys {
        let key = KeyEvent::new(*key, KeyModifiers::NONE);
        keys::handle(&Event::Key(key), app);
    }
}

fn shown(app: &App, width: u16, height: u16) -> Vec<String> {
    let backend = TestBackend::new(width, height);
    let mut terminal = Terminal::new(backend).expect("it is memory");
    let drawn = terminal.draw(|frame| screen::draw(frame, app));
    let buffer = drawn.expect("it is memory").buffer;
    let lines = buffer.content().chunks(width.into());
    let lines = lines.map(|line| line.iter().map(Cell::symbol).collect::<String>());
    lines.map(|line| line.trim_end().to_owned()).collect()
}

#[test]
fn narrow_screen_has_what_matters() {
    let mut app = app();
    press(&mut app, &[KeyCode::Down]);
    let expected = [
        "tractor top   4 actors   1 without an answer   by tree   every 1.0 s",
        "ACTOR                       PID STATE       CPU    MEMORY CALLS WAITS     OLDEST",
        "shop                        100 runs        0 %   4.0 MiB           1 1 min 30 s",
        "├─ bakery               4000102 runs       50 %   9.0 MiB     1     9 1 min 30 s",
        "│  └─ mill                  103 no answer   0 %   2.0 MiB",
        "└─ till                     104 runs        0 %   3.0 MiB",
        "",
        " shop.bakery ───────────────────────────────────────────────────────────────────",
        "answers app::bake, shop[100], for 1 min 30 s",
        "waits for app::grind, shop.bakery.mill[103], for 1.0 s",
        "and 8 more: `tractor dump` shows all",
        "q quit   ↑↓ choose   s order   space pause",
    ];
    assert_eq!(shown(&app, 80, 12)[..6], expected[..6]);
    let screen = shown(&app, 80, 11);
    assert_eq!(
        screen,
        expected
            .iter()
            .filter(|line| !line.is_empty())
            .copied()
            .collect::<Vec<_>>()
    );
}

#[test]
fn calls_are_folded_to_the_screen() {
    let mut app = app();
    press(&mut app, &[KeyCode::Down]);
    let screen = shown(&app, 40, 18);
    let title = screen
        .iter()
        .position(|line| line.starts_with(" shop.bakery "));
    let calls = &screen[title.expect("it is chosen") + 1..17];
    let expected = [
        "answers app::bake, shop[100],",
        "      for 1 min 30 s",
        "waits for app::grind,",
        "      shop.bakery.mill[103], for 1.0 s",
        "and 8 more: `tractor dump` shows all",
    ];
    assert_eq!(calls, expected);
}

#[test]
fn call_that_is_too_long_for_the_screen_is_begun() {
    let mut app = app();
    press(&mut app, &[KeyCode::Down]);
    let screen = shown(&app, 24, 9);
    let begun = [
        "answers app::bake,",
        "      shop[100],",
        "and 9 more: `tractor dum",
    ];
    assert_eq!(
        &screen[screen.len() - 4..screen.len() - 1],
        begun,
        "{screen:#?}"
    );
}

#[test]
fn chosen_row_is_seen_without_colours() {
    let mut app = App::new(SECOND, false);
    app.update(Instant::now(), tree(0));
    let mut terminal = Terminal::new(TestBackend::new(80, 20)).expect("it is memory");
    let drawn = terminal.draw(|frame| screen::draw(frame, &app));
    let buffer = drawn.expect("it is memory").buffer;
    let cells = buffer.content();
    assert!(
        cells
            .iter()
            .all(|cell| (cell.fg, cell.bg) == (Color::Reset, Color::Reset))
    );
    let chosen = cells.chunks(80).nth(2).expect("the first row");
    let is_reversed = |cell: &Cell| cell.modifier.contains(Modifier::REVERSED);
    assert!(chosen.iter().all(is_reversed));
}

#[test]
fn wide_screen_has_more_columns() {
    let screen = shown(&app(), 120, 20);
    assert!(
        screen[1].ends_with("OLDEST THREADS STREAMS RESTARTS"),
        "{screen:#?}"
    );
    assert!(screen[2].ends_with("1 min 30 s       2"), "{screen:#?}");
}

#[test]
fn order_changes_and_the_chosen_actor_stays() {
    let mut app = app();
    press(&mut app, &[KeyCode::End]);
    let names =
        |app: &App| -> Vec<String> { app.rows().iter().map(|row| row.label.clone()).collect() };
    for expected in [
        ["shop.bakery", "shop", "shop.bakery.mill", "shop.till"],
        ["shop.bakery", "shop", "shop.till", "shop.bakery.mill"],
        ["shop", "shop.bakery", "shop.bakery.mill", "shop.till"],
        ["shop", "├─ bakery", "│  └─ mill", "└─ till"],
    ] {
        press(&mut app, &[KeyCode::Char('s')]);
        assert_eq!(names(&app), expected);
        let chosen = app.chosen().expect("there are some");
        assert_eq!(app.rows()[chosen].actor.path, "shop.till");
    }
    press(
        &mut app,
        &[KeyCode::Home, KeyCode::Up, KeyCode::PageDown, KeyCode::Up],
    );
    assert_eq!(app.chosen(), Some(2));
}

#[test]
fn nothing_changes_while_it_is_paused() {
    let mut app = app();
    press(&mut app, &[KeyCode::Char(' ')]);
    app.update(Instant::now() + 5 * SECOND, actor("shop", 100, 1, 0));
    assert_eq!(app.rows().len(), 4);
    assert!(shown(&app, 80, 12)[0].ends_with("paused"));
    press(&mut app, &[KeyCode::Char(' ')]);
    app.update(Instant::now() + 6 * SECOND, actor("shop", 100, 1, 0));
    assert_eq!(app.rows().len(), 1);
    assert!(!app.quits());
    press(&mut app, &[KeyCode::Char('q')]);
    assert!(app.quits());
}

#[test]
fn screen_without_room_is_drawn() {
    for (width, height) in [(1, 1), (10, 2), (30, 4), (300, 100)] {
        assert_eq!(shown(&app(), width, height).len(), usize::from(height));
    }
}
