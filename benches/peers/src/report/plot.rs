//! The results as pictures.

use std::path::Path;

use anyhow::{Result, anyhow};
use plotters::coord::Shift;
use plotters::prelude::{
    BLACK, ChartBuilder, Circle, Color, DrawingArea, IntoDrawingArea, IntoFont, IntoLogRange,
    LineSeries, PathElement, RGBColor, Rectangle, SVGBackend, SeriesLabelPosition, Text, WHITE,
};

use crate::contestant::{CONTESTANTS, Family};
use crate::results::{Line, Results};
use crate::sample::Metric;
use crate::workload::Workload;

/// A picture that has been drawn.
pub(super) struct Plot {
    pub(super) file: &'static str,
    pub(super) title: &'static str,
}

/// A picture that shows how something grows.
struct Growth {
    plot: Plot,
    x: &'static str,
    metric: Metric,
    /// Where there is nothing else.
    legend: SeriesLabelPosition,
    /// The number that a workload stands at, if it belongs to the picture.
    place: fn(Workload) -> Option<usize>,
}

const SIZE: (u32, u32) = (900, 520);

const FONT: &str = "sans-serif";

/// Told apart by most people, whatever they see of colours.
const COLOURS: [RGBColor; 8] = [
    RGBColor(0, 114, 178),
    RGBColor(213, 94, 0),
    RGBColor(0, 158, 115),
    RGBColor(204, 121, 167),
    RGBColor(230, 159, 0),
    RGBColor(86, 180, 233),
    RGBColor(150, 110, 60),
    RGBColor(60, 60, 60),
];

const GREY: RGBColor = RGBColor(150, 150, 150);

const GROWTHS: &[Growth] = &[
    Growth {
        plot: Plot {
            file: "in-flight.svg",
            title: "Time of one call, by calls in flight",
        },
        x: "calls in flight",
        metric: Metric::Time,
        legend: SeriesLabelPosition::LowerLeft,
        place: |workload| match workload {
            Workload::InFlight(calls) => Some(calls),
            _ => None,
        },
    },
    Growth {
        plot: Plot {
            file: "bytes.svg",
            title: "Time of one call, by bytes of its argument",
        },
        x: "bytes",
        metric: Metric::Time,
        legend: SeriesLabelPosition::UpperLeft,
        place: |workload| match workload {
            Workload::Bytes(size) => Some(size),
            _ => None,
        },
    },
    Growth {
        plot: Plot {
            file: "rows.svg",
            title: "Time of one call, by memory of its list of structs",
        },
        x: "bytes",
        metric: Metric::Time,
        legend: SeriesLabelPosition::UpperLeft,
        place: |workload| match workload {
            Workload::Rows(size) => Some(size),
            _ => None,
        },
    },
    Growth {
        plot: Plot {
            file: "spawn.svg",
            title: "Time from spawn to first answer, by processes",
        },
        x: "processes",
        metric: Metric::Spawn,
        legend: SeriesLabelPosition::UpperLeft,
        place: |workload| match workload {
            Workload::Life(count) => Some(count),
            _ => None,
        },
    },
];

/// Draws what there are results for.
pub(super) fn draw_all(results: &Results, directory: &Path) -> Result<Vec<Plot>> {
    let mut plots = Vec::new();
    for growth in GROWTHS {
        let plot = Plot { ..growth.plot };
        let series = series(results, growth);
        if !series.is_empty() {
            draw_growth(&directory.join(plot.file), growth, &series).map_err(unable)?;
            plots.push(plot);
        }
    }
    for (workload, metric, plot) in [
        (
            Workload::Sequential,
            Metric::P50,
            Plot {
                file: "sequential.svg",
                title: "Sequential call, median, in µs",
            },
        ),
        (
            Workload::Numbers,
            Metric::Time,
            Plot {
                file: "stream-u64.svg",
                title: "Stream of u64, time of an item, in µs",
            },
        ),
    ] {
        let lines = results.of(workload, metric);
        if !lines.is_empty() {
            draw_bars(&directory.join(plot.file), plot.title, &lines).map_err(unable)?;
            plots.insert(0, plot);
        }
    }
    Ok(plots)
}

/// The errors of a drawing borrow from it.
fn unable(error: Box<dyn std::error::Error>) -> anyhow::Error {
    anyhow!("a plot cannot be drawn: {error}")
}

/// Of each contestant its name and its points, in microseconds.
type Series = Vec<(&'static str, Vec<(f64, f64)>)>;

#[expect(clippy::cast_precision_loss, reason = "it is drawn")]
fn series(results: &Results, growth: &Growth) -> Series {
    let series = CONTESTANTS.iter().map(|contestant| {
        let points = Workload::all().into_iter().filter_map(|workload| {
            let x = (growth.place)(workload)? as f64;
            let line = results.get(contestant.name, workload, growth.metric)?;
            Some((x, line.median() / 1e3))
        });
        (contestant.title, points.collect::<Vec<_>>())
    });
    series.filter(|(_, points)| !points.is_empty()).collect()
}

fn draw_growth(
    path: &Path,
    growth: &Growth,
    series: &Series,
) -> Result<(), Box<dyn std::error::Error>> {
    let area = canvas(path)?;
    let points = || series.iter().flat_map(|(_, points)| points);
    let ends = |values: Vec<f64>| {
        let least = values.iter().copied().fold(f64::INFINITY, f64::min);
        let most = values.iter().copied().fold(0.0, f64::max);
        least * 0.7..most * 1.4
    };
    let xs = ends(points().map(|point| point.0).collect());
    let ys = ends(points().map(|point| point.1).collect());
    let mut chart = ChartBuilder::on(&area)
        .caption(growth.plot.title, (FONT, 22))
        .margin(12)
        .x_label_area_size(44)
        .y_label_area_size(76)
        .build_cartesian_2d(xs.log_scale(), ys.log_scale())?;
    chart
        .configure_mesh()
        .x_desc(growth.x)
        .y_desc("µs")
        .x_label_formatter(&|x| x.to_string())
        .y_label_formatter(&|y| y.to_string())
        .light_line_style(WHITE)
        .draw()?;
    for ((title, points), colour) in series.iter().zip(COLOURS.iter().cycle()) {
        let line = LineSeries::new(points.iter().copied(), colour.stroke_width(2));
        chart
            .draw_series(line)?
            .label(*title)
            .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], colour.stroke_width(2)));
        let dots = points
            .iter()
            .map(|&point| Circle::new(point, 3, colour.filled()));
        chart.draw_series(dots)?;
    }
    chart
        .configure_series_labels()
        .position(growth.legend.clone())
        .background_style(WHITE.mix(0.8))
        .border_style(BLACK.mix(0.3))
        .draw()?;
    Ok(area.present()?)
}

/// Horizontal bars, in the colours of their contestants' families.
fn draw_bars(path: &Path, title: &str, lines: &[&Line]) -> Result<(), Box<dyn std::error::Error>> {
    let area = canvas(path)?.titled(title, (FONT, 22))?;
    let micros = |line: &Line| line.median() / 1e3;
    let most = lines.iter().map(|line| micros(line)).fold(0.0, f64::max);
    let height = 460 / i32::try_from(lines.len())?;
    for (i, line) in (0..).zip(lines) {
        let top = 10 + i * height;
        #[expect(
            clippy::cast_possible_truncation,
            reason = "it is a few hundred pixels"
        )]
        let end = 300 + (500.0 * micros(line) / most) as i32;
        let bar = [(300, top + 4), (end, top + height - 4)];
        let colour = match line.contestant.family() {
            Family::Tractor => COLOURS[0],
            Family::Floor => GREY,
            Family::Peer => COLOURS[1],
        };
        area.draw(&Rectangle::new(bar, colour.filled()))?;
        let middle = top + height / 2 - 8;
        let text = |text, x| Text::new(text, (x, middle), (FONT, 15).into_font());
        area.draw(&text(line.contestant.title.to_owned(), 14))?;
        area.draw(&text(format!("{:.3}", micros(line)), end + 6))?;
    }
    Ok(area.present()?)
}

type Canvas<'a> = DrawingArea<SVGBackend<'a>, Shift>;

fn canvas(path: &Path) -> Result<Canvas<'_>, Box<dyn std::error::Error>> {
    let area = SVGBackend::new(path, SIZE).into_drawing_area();
    area.fill(&WHITE)?;
    Ok(area)
}
