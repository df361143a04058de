//! `wynos`: the command line, and the whole system in one process on embedded defaults.

mod args;
mod assemble;
#[cfg(feature = "aws")]
mod aws;
mod commands;
mod data_dir;
mod demo;
mod failure;
mod housekeeping;
mod interrupt;
mod logging;
mod output;
mod serve;
mod worker;

use std::process::ExitCode;

use clap::{CommandFactory, FromArgMatches};
use serde_json::json;

use args::{Arguments, Command};
use failure::Ending;
use output::Output;

#[tokio::main]
async fn main() -> ExitCode {
    let arguments = match parse() {
        Ok(arguments) => arguments,
        Err(refusal) => return refuse(&as_typed(refusal)),
    };
    let output = Output::new(arguments.json);
    logging::start(matches!(arguments.command, Command::Serve(_)));
    match Box::pin(run(arguments, output)).await {
        Ok(ending) => ending.exit_code(),
        Err(error) => {
            let (exit_code, code, message) = failure::explain(&error);
            output.complain(&message);
            output.result(&json!({ "code": code, "message": message }));
            exit_code
        }
    }
}

/// Reads the command as it was typed, with what the environment gives; a variable that is empty gives nothing.
fn parse() -> Result<Arguments, clap::Error> {
    let is_empty = |argument: &clap::Arg| {
        let given = argument.get_env().and_then(std::env::var_os);
        given.is_some_and(|value| value.to_string_lossy().trim().is_empty())
    };
    let mut command = without_variables(Arguments::command(), &is_empty);
    let mut given = command.try_get_matches_from_mut(std::env::args_os())?;
    Arguments::from_arg_matches_mut(&mut given).map_err(|error| error.format(&mut command))
}

/// The command and those below it, whose arguments of this kind come from no variable.
fn without_variables(command: clap::Command, these: &dyn Fn(&clap::Arg) -> bool) -> clap::Command {
    let command = command.mut_args(|argument| match these(&argument) {
        true => argument.env(None::<&'static str>),
        false => argument,
    });
    command.mut_subcommands(|below| without_variables(below, these))
}

/// What is wrong with the command as it was typed: what the environment gives would fill its usage otherwise.
fn as_typed(refusal: clap::Error) -> clap::Error {
    if !refusal.use_stderr() {
        return refusal;
    }
    let typed = without_variables(Arguments::command(), &|_| true);
    match typed.try_get_matches() {
        Err(typed) if typed.kind() == refusal.kind() => typed,
        _ => refusal,
    }
}

/// Shows the help that was asked for, or says what is wrong with the command; programs get that as JSON too.
fn refuse(refusal: &clap::Error) -> ExitCode {
    let asked_for_json = std::env::args_os().any(|argument| argument == "--json");
    let _ = refusal.print();
    if refusal.use_stderr() && asked_for_json {
        let message = refusal.to_string();
        Output::new(true).result(&json!({ "code": "usage", "message": message.trim() }));
    }
    u8::try_from(refusal.exit_code()).map_or(ExitCode::FAILURE, ExitCode::from)
}

async fn run(arguments: Arguments, output: Output) -> anyhow::Result<Ending> {
    let place = arguments.place;
    let command = match arguments.command {
        Command::Serve(front) => return Box::pin(serve::run(&place, &front, output)).await,
        Command::Demo(demo) => return Box::pin(demo::run(&place, &demo, output)).await,
        Command::Sandbox(command) => return commands::sandbox::run(command, output).await,
        other => other,
    };
    let opened = assemble::open(&place).await?;
    let services = &opened.services;
    let ending = match command {
        Command::Serve(_) | Command::Demo(_) | Command::Sandbox(_) => Ending::Done,
        Command::Migrate => commands::migrate::run(output).await,
        Command::Subscription(command) => {
            commands::subscription::run(services, command, output).await?
        }
        Command::Token(command) => commands::token::run(services, command, output).await?,
        Command::Lanes => commands::lanes::run(services, output).await?,
        Command::Import(import) => {
            Box::pin(commands::import::run(services, import, output)).await?
        }
        Command::Imports(command) => commands::imports::run(services, command, output).await?,
        Command::Source(command) => {
            Box::pin(commands::source::run(services, command, output)).await?
        }
        Command::Pull(order) => Box::pin(commands::pull::run(services, order, output)).await?,
        Command::Reconcile(order) => {
            Box::pin(commands::reconcile::run(services, order, output)).await?
        }
        Command::Job(command) => Box::pin(commands::job::run(services, command, output)).await?,
        Command::Report(command) => {
            Box::pin(commands::report::run(services, command, output)).await?
        }
        Command::Journal(command) => commands::journal::run(services, command, output).await?,
        Command::Retention(wanted) => {
            Box::pin(commands::retention::run(services, wanted, output)).await?
        }
        Command::Erase(erase) => Box::pin(commands::erase::run(services, erase, output)).await?,
        Command::Export(export) => commands::export::run(services, export, output).await?,
        Command::Parked(command) => commands::parked::run(services, command, output).await?,
    };
    opened.close().await;
    Ok(ending)
}
