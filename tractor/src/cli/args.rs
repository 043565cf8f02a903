//! The arguments of the command.

use std::time::Duration;

use clap::builder::ValueParser;
use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};

/// What is asked for.
#[derive(Debug)]
pub(super) struct Args {
    pub(super) what: What,
    /// Any process of the tree; `None` for the only tree that there is.
    pub(super) pid: Option<u32>,
    /// How long the actors have to answer.
    pub(super) within: Duration,
    pub(super) format: Format,
}

/// What is to be shown.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum What {
    List,
    Tree,
    Dump,
    Top {
        every: Duration,
    },
    /// To change the levels of an actor and all below it, or of all.
    Log {
        filter: String,
        actor: Option<String>,
    },
}

/// How it is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Text,
    Json,
}

const AFTER: &str = "\
A tree can be looked into when its program is built with debug assertions, has `inspect = true` in
`#[tractor::main]`, or is started with TRACTOR_INSPECT=1; by its own user, and by root.";

impl Args {
    /// The arguments of this process.
    pub(super) fn of_this_process() -> Result<Self, clap::Error> {
        command()
            .try_get_matches()
            .map(|matches| Self::of(&matches))
    }

    fn of(matches: &ArgMatches) -> Self {
        let (name, matches) = matches.subcommand().expect("clap asks for one");
        let json = matches.try_get_one::<bool>("json");
        let text = |name: &str| {
            let text = matches.try_get_one::<String>(name).ok().flatten();
            text.cloned()
        };
        let seconds = |name: &str| {
            let seconds = matches.try_get_one::<Duration>(name).ok().flatten();
            seconds.copied().unwrap_or(SECOND)
        };
        Self {
            what: match name {
                "list" => What::List,
                "tree" => What::Tree,
                "dump" => What::Dump,
                "log" => What::Log {
                    filter: text("filter").expect("clap asks for one"),
                    actor: text("actor"),
                },
                _ => What::Top {
                    every: seconds("every"),
                },
            },
            pid: matches.try_get_one("pid").ok().flatten().copied(),
            within: seconds("timeout"),
            format: match json {
                Ok(Some(true)) => Format::Json,
                _ => Format::Text,
            },
        }
    }
}

const SECOND: Duration = Duration::from_secs(1);

fn command() -> Command {
    let pid = Arg::new("pid")
        .value_name("PID")
        .value_parser(value_parser!(u32).range(1..))
        .help("Any process of the tree; it can be left out when only one tree runs");
    let timeout = seconds("timeout").help("How long the actors have to answer [default: 1]");
    let json = Arg::new("json")
        .long("json")
        .action(ArgAction::SetTrue)
        .help("Print it as JSON");
    let every = seconds("every").help("The time from one look to the next [default: 1]");
    let filter = Arg::new("filter")
        .value_name("FILTER")
        .required(true)
        .help("A level, or like `my_app::parser=trace,info`; `off` for none");
    let actor = Arg::new("actor")
        .long("actor")
        .value_name("NAME")
        .help("Only the actors of this name, or path, and those below them");
    Command::new("tractor")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Looks into a running tree of actors")
        .after_help(AFTER)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(Command::new("list").about("Lists the trees that can be looked into"))
        .subcommand(
            Command::new("tree")
                .about("Shows every actor, with its oldest calls and streams")
                .args([pid.clone(), timeout.clone()]),
        )
        .subcommand(
            Command::new("dump")
                .about("Shows every actor with all its calls and streams")
                .args([pid.clone(), timeout.clone(), json]),
        )
        .subcommand(
            Command::new("top")
                .about("Shows what every actor does, again and again")
                .args([pid.clone(), timeout.clone(), every]),
        )
        .subcommand(
            Command::new("log")
                .about("Changes which log lines the actors write")
                .args([filter, pid, timeout, actor]),
        )
}

/// An option that takes seconds.
fn seconds(name: &'static str) -> Arg {
    let parse = |text: &str| {
        let seconds = text.parse().ok().map(Duration::try_from_secs_f64);
        match seconds {
            Some(Ok(seconds)) if !seconds.is_zero() && seconds <= LONGEST => Ok(seconds),
            _ => Err("it has to be a number of seconds, above 0 and at most 3600"),
        }
    };
    Arg::new(name)
        .long(name)
        .value_name("SECONDS")
        .value_parser(ValueParser::new(parse))
}

/// Nobody waits longer.
const LONGEST: Duration = Duration::from_secs(3600);

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{Args, Format, What, command};

    fn parsed(args: &[&str]) -> Result<Args, String> {
        let args = ["tractor"].iter().chain(args);
        let matches = command().try_get_matches_from(args);
        matches
            .map(|matches| Args::of(&matches))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn arguments_are_what_is_asked_for() {
        command().debug_assert();
        let args = parsed(&["dump", "42", "--json", "--timeout", "0.5"]).expect("it makes sense");
        assert_eq!(
            (args.what, args.pid, args.format),
            (What::Dump, Some(42), Format::Json)
        );
        assert_eq!(args.within, Duration::from_millis(500));
        let args = parsed(&["top", "--every", "2"]).expect("it makes sense");
        let every = Duration::from_secs(2);
        assert_eq!((args.what, args.pid), (What::Top { every }, None));
        let args = parsed(&["log", "a=trace", "42", "--actor", "root.a"]).expect("it makes sense");
        let log = |filter: &str, actor: Option<&str>| What::Log {
            filter: filter.to_owned(),
            actor: actor.map(str::to_owned),
        };
        assert_eq!(args.pid, Some(42));
        assert_eq!(args.what, log("a=trace", Some("root.a")));
        let args = parsed(&["log", "off"]).expect("it makes sense");
        assert_eq!((args.what, args.pid), (log("off", None), None));
        assert_eq!(parsed(&["list"]).expect("it makes sense").what, What::List);
    }

    #[test]
    fn mistakes_are_named() {
        for (args, expected) in [
            (&["tree", "bash"][..], "'bash'"),
            (&["tree", "0"], "'0'"),
            (&["tree", "--timeout", "0"], "above 0"),
            (&["top", "--every", "soon"], "number of seconds"),
            (&["tere"], "tree"),
            (&["log"], "FILTER"),
        ] {
            let message = parsed(args).expect_err("it makes no sense");
            assert!(message.contains(expected), "{args:?}: {message}");
        }
    }
}
