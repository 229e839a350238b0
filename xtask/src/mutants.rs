//! `cargo xtask mutants`: does the simulator see it when the engine is broken?
//!
//! Each file in `xtask/mutants` is a patch that breaks one rule. It is applied to a copy of the workspace under `target/mutants`,
//! the binary is built there, and `ifmatch sim run` has to end with exit code 7 and a violation of the promise that the patch
//! names, within the number of seeds that it names. The product itself carries no sabotage.

mod mutant;
mod scratch;
mod table;
mod trial;

use crate::run;
use crate::say;
use anyhow::{Result, bail};
use mutant::Mutant;
use scratch::Scratch;
use trial::Trial;

/// What to do with the mutants.
struct Plan {
    only: Option<String>,
    list: bool,
    write: bool,
}

/// Tries the mutants. `--list` names them, `--only NAME` tries one, `--write` puts the table into
/// `docs/TESTING.md`.
///
/// # Errors
/// When the words are not understood, when a patch does not apply or does not compile, and when a mutant survives.
pub(crate) fn run(words: &[String]) -> Result<()> {
    let plan = Plan::of(words)?;
    let mutants: Vec<Mutant> = Mutant::all()?.into_iter().filter(|mutant| plan.wants(mutant)).collect();
    if mutants.is_empty() {
        bail!("no mutant has that name; `cargo xtask mutants --list` names them");
    }
    if plan.list {
        for mutant in &mutants {
            say::line(&format!("{:28} {:10} {}", mutant.name, mutant.promises.join(" "), mutant.breaks));
        }
        return Ok(());
    }
    let scratch = Scratch::fresh(&run::root())?;
    let mut trials = Vec::new();
    for mutant in &mutants {
        let trial = trial::of(&scratch, mutant)?;
        say::line(&format!("{:28} {}", mutant.name, trial.said()));
        trials.push(trial);
    }
    say::line(&table::of(&mutants, &trials));
    if plan.write {
        table::write(&mutants, &trials)?;
    }
    judged(&mutants, &trials)
}

fn judged(mutants: &[Mutant], trials: &[Trial]) -> Result<()> {
    let survivors: Vec<&str> = mutants
        .iter()
        .zip(trials)
        .filter(|(mutant, trial)| !trial.is_caught() && !mutant.survives)
        .map(|(mutant, _)| mutant.name.as_str())
        .collect();
    if !survivors.is_empty() {
        bail!("{} of {} mutants survived: {}", survivors.len(), mutants.len(), survivors.join(", "));
    }
    Ok(())
}

impl Plan {
    fn of(words: &[String]) -> Result<Self> {
        let mut plan = Self { only: None, list: false, write: false };
        let mut words = words.iter();
        while let Some(word) = words.next() {
            match (word.as_str(), word.as_str() == "--only") {
                ("--list", _) => plan.list = true,
                ("--write", _) => plan.write = true,
                (_, true) => plan.only = words.next().cloned(),
                (other, _) => bail!("`{other}` is not understood: --list, --only NAME, --write"),
            }
        }
        if plan.write && plan.only.is_some() {
            bail!("--write needs all mutants, and --only names one");
        }
        Ok(plan)
    }

    fn wants(&self, mutant: &Mutant) -> bool {
        self.only.as_ref().is_none_or(|name| *name == mutant.name)
    }
}
