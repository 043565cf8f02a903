//! Drawing the screen.

use ratatui::Frame;
use ratatui::layout::{Alignment, Constraint, Layout, Rect};
use ratatui::style::{Color, Modifier, Style, Stylize};
use ratatui::text::{Line, Span as Piece, Text};
use ratatui::widgets::{Block, Borders, Cell, Paragraph, Row as Cells, Table, TableState};

use super::app::App;
use super::keys::HELP;
use super::rows::Row;
use crate::base::{ActorState, Size, Span, fold};

/// Wide enough for more columns.
const WIDE: u16 = 110;

/// Draws what there is to see.
pub(super) fn draw(frame: &mut Frame<'_>, app: &App) {
    // Of what a screen has, the calls of one actor get a third at most.
    let most = usize::from(frame.area().height / 3);
    let calls = chosen_calls(app, frame.area().width.into(), most);
    let height = u16::try_from(calls.len()).unwrap_or(u16::MAX);
    let [head, table, detail, foot] = Layout::vertical([
        Constraint::Length(1),
        Constraint::Min(3),
        Constraint::Length(height + 1),
        Constraint::Length(1),
    ])
    .areas(frame.area());
    frame.render_widget(summary(app), head);
    draw_table(frame, app, table);
    draw_calls(frame, app, calls, detail);
    frame.render_widget(Line::from(HELP).dim(), foot);
    if !app.shows_colours() {
        // Else where the terminal is told of them, and told to show none, it forgets that a row is chosen.
        for cell in &mut frame.buffer_mut().content {
            (cell.fg, cell.bg) = (Color::Reset, Color::Reset);
        }
    }
}

fn summary(app: &App) -> Line<'static> {
    let count = |state| {
        let rows = app.rows().iter();
        rows.filter(|row| row.actor.state == state).count()
    };
    let mut pieces = vec![
        Piece::from("tractor top").bold(),
        Piece::from(format!("   {} actors", app.rows().len())),
    ];
    let silent = count(ActorState::Unresponsive);
    if silent > 0 {
        let text = format!("   {silent} without an answer");
        pieces.push(Piece::from(text).red().bold());
    }
    pieces.push(Piece::from(format!("   by {}", app.order().name())));
    pieces.push(match app.is_paused() {
        true => Piece::from("   paused").yellow().bold(),
        false => Piece::from(format!("   every {}", Span(app.every()))),
    });
    Line::from(pieces)
}

/// A column: its head, its width, what it shows.
type Column = (&'static str, Constraint, fn(&Row) -> Cell<'static>);

fn columns(width: u16) -> Vec<Column> {
    let mut columns: Vec<Column> = vec![
        ("ACTOR", Constraint::Min(16), |row| row.label.clone().into()),
        ("    PID", Constraint::Length(7), |row| right(row.pid())),
        ("STATE", Constraint::Length(9), |row| {
            Cell::from(row.state()).style(state_style(row.actor.state))
        }),
        ("  CPU", Constraint::Length(5), |row| {
            right(row.cpu.map(|cpu| format!("{:.0} %", cpu * 100.0)))
        }),
        ("   MEMORY", Constraint::Length(9), |row| {
            right(row.memory().map(Size))
        }),
        ("CALLS", Constraint::Length(5), |row| {
            right(some(row.actor.answering.len()))
        }),
        ("WAITS", Constraint::Length(5), |row| {
            right(some(row.actor.waiting.len()))
        }),
        ("    OLDEST", Constraint::Length(10), |row| {
            right(row.oldest().map(Span))
        }),
    ];
    if width >= WIDE {
        columns.push(("THREADS", Constraint::Length(7), |row| {
            right(row.actor.process.as_ref().map(|process| process.threads))
        }));
        columns.push(("STREAMS", Constraint::Length(7), |row| {
            right(some(row.actor.streams.len()))
        }));
        columns.push(("RESTARTS", Constraint::Length(8), |row| {
            right(some(row.actor.restarts))
        }));
    }
    columns
}

fn draw_table(frame: &mut Frame<'_>, app: &App, area: Rect) {
    let columns = columns(area.width);
    let rows = app.rows().iter().map(|row| {
        let cells = columns.iter().map(|(_, _, cell)| cell(row));
        Cells::new(cells.collect::<Vec<_>>())
    });
    let head = columns.iter().map(|(head, _, _)| *head);
    let widths: Vec<_> = columns.iter().map(|(_, width, _)| *width).collect();
    let table = Table::new(rows, widths)
        .header(Cells::new(head.collect::<Vec<_>>()).reversed())
        .row_highlight_style(Style::new().add_modifier(Modifier::REVERSED));
    let mut state = TableState::new().with_selected(app.chosen());
    frame.render_stateful_widget(table, area, &mut state);
}

/// The calls and streams of the chosen actor, in so many lines of so many columns at most.
fn chosen_calls(app: &App, columns: usize, most: usize) -> Vec<String> {
    let Some(Row { actor, .. }) = app.chosen().map(|chosen| &app.rows()[chosen]) else {
        return Vec::new();
    };
    let count = actor.answering.len() + actor.waiting.len() + actor.streams.len();
    let answers = actor.answering.iter().map(|call| format!("answers {call}"));
    let waits = actor.waiting.iter().map(|call| format!("waits for {call}"));
    let streams = actor.streams.iter();
    let streams = streams.map(|stream| format!("streams {stream}"));
    let (mut lines, mut left) = (Vec::new(), count);
    for one in answers.chain(waits).chain(streams) {
        let folded = fold(&one, columns);
        // What is left over is told in a line.
        let room = most.saturating_sub(usize::from(left > 1));
        // The first one is shown as far as there is room.
        if !lines.is_empty() && lines.len() + folded.lines().count() > room {
            break;
        }
        lines.extend(folded.lines().take(room).map(str::to_owned));
        left -= 1;
    }
    match left {
        0 if count == 0 => lines.push("no calls, no streams".to_owned()),
        0 => {}
        more => lines.push(format!("and {more} more: `tractor dump` shows all")),
    }
    lines
}

fn draw_calls(frame: &mut Frame<'_>, app: &App, calls: Vec<String>, area: Rect) {
    let Some(chosen) = app.chosen() else {
        return;
    };
    let title = format!(" {} ", app.rows()[chosen].actor.path);
    let block = Block::new().borders(Borders::TOP).title(title.bold());
    let text: Vec<_> = calls.into_iter().map(Line::from).collect();
    frame.render_widget(Paragraph::new(text).block(block), area);
}

fn state_style(state: ActorState) -> Style {
    match state {
        ActorState::Running => Style::new().fg(Color::Green),
        ActorState::Unresponsive => Style::new().fg(Color::Red).add_modifier(Modifier::BOLD),
        ActorState::OutOfReach => Style::new().add_modifier(Modifier::DIM),
        _ => Style::new().fg(Color::Yellow),
    }
}

/// Nothing is not worth a number.
fn some(count: usize) -> Option<usize> {
    (count > 0).then_some(count)
}

fn right(text: Option<impl ToString>) -> Cell<'static> {
    let text = text.map(|text| text.to_string()).unwrap_or_default();
    Text::from(text).alignment(Alignment::Right).into()
}
