//! What the screen shows, and what keys change of it.

use std::time::{Duration, Instant};

use super::rows::{Order, Row, Usage};
use crate::base::ActorSnapshot;

/// What the screen shows.
#[derive(Debug)]
pub(super) struct App {
    every: Duration,
    colours: bool,
    usage: Usage,
    /// In the order of the tree.
    seen: Vec<Row>,
    /// As they are shown.
    rows: Vec<Row>,
    order: Order,
    /// The path of the chosen actor, which stays chosen wherever it goes.
    chosen: String,
    paused: bool,
    quits: bool,
}

impl App {
    pub(super) fn new(every: Duration, colours: bool) -> Self {
        Self {
            every,
            colours,
            usage: Usage::default(),
            seen: Vec::new(),
            rows: Vec::new(),
            order: Order::Tree,
            chosen: String::new(),
            paused: false,
            quits: false,
        }
    }

    /// The tree was seen so at that time.
    pub(super) fn update(&mut self, at: Instant, tree: ActorSnapshot) {
        // While it is paused, too: what a process uses is told from one look to the next.
        let rows = self.usage.rows(at, tree);
        if !self.paused {
            self.seen = rows;
            self.arrange();
        }
    }

    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    pub(super) fn order(&self) -> Order {
        self.order
    }

    pub(super) fn every(&self) -> Duration {
        self.every
    }

    pub(super) fn shows_colours(&self) -> bool {
        self.colours
    }

    pub(super) fn is_paused(&self) -> bool {
        self.paused
    }

    pub(super) fn quits(&self) -> bool {
        self.quits
    }

    /// The place of the chosen actor among the rows.
    pub(super) fn chosen(&self) -> Option<usize> {
        let is_chosen = |row: &Row| row.actor.path == self.chosen;
        let place = self.rows.iter().position(is_chosen);
        place.or((!self.rows.is_empty()).then_some(0))
    }

    /// Chooses the actor so many rows below the chosen one.
    pub(super) fn choose(&mut self, below: isize) {
        let Some(chosen) = self.chosen() else {
            return;
        };
        let place = chosen.saturating_add_signed(below).min(self.rows.len() - 1);
        self.chosen.clone_from(&self.rows[place].actor.path);
    }

    pub(super) fn change_order(&mut self) {
        self.order = self.order.next();
        self.arrange();
    }

    pub(super) fn pause(&mut self) {
        self.paused = !self.paused;
    }

    pub(super) fn quit(&mut self) {
        self.quits = true;
    }

    fn arrange(&mut self) {
        self.rows.clone_from(&self.seen);
        self.order.apply(&mut self.rows);
    }
}
