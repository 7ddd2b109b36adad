//! Knowledge: what is known about tools, as data. The files beside this one come along; a library
//! adds its own without code.

use super::shell::Command;

/// What is known about many tools.
#[derive(Debug, Default)]
pub struct Knowledge {
    facts: Vec<Fact>,
}

/// One thing that is known about a command.
#[derive(Debug)]
pub struct Fact {
    /// What kind of thing.
    pub kind: Kind,
    /// The tool or system, as `versions` names it: `postgresql`, `redis`, `docker`.
    pub tool: String,
    /// What the command does, to be read after its name: "removes a volume with all that is in it".
    pub does: String,
    /// What to do instead.
    pub instead: Option<String>,
    /// Where that is known from.
    pub source: Option<String>,
    /// What a fact names further: the service that is stopped, the pair of a withdrawal.
    pub object: Option<String>,
}

/// What is known of a command.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Kind {
    /// It only observes (HP221 and what asks whether a command changes anything).
    Reads,
    /// It destroys data (HP201, HP207).
    Destroys,
    /// It takes down a service or what it runs on, beyond a stop (HP201).
    TearsDown,
    /// It hits more than one object (HP214).
    Broad,
    /// It changes something in another way (HP202, HP203, HP206).
    Changes,
    /// It loads data from a backup (HP207, HP208, HP211, HP212).
    Restores,
    /// It writes a backup or a safety copy (HP207, HP603).
    BacksUp,
    /// It shows that a backup can be read (HP207, HP603).
    ChecksBackup,
    /// It stops a service; `object` says which, where the tool decides (HP208, HP209, HP213).
    Stops,
    /// It starts a service.
    Starts,
    /// It takes away what must be given back; `object` names the pair, such as `grant` (HP209).
    Withdraws,
    /// It gives that back.
    GivesBack,
    /// It needs a running service, `object` (HP213).
    Uses,
    /// It sends users to another system (HP212).
    CutsOver,
    /// It waits for somebody at a terminal (HP216).
    Interactive,
    /// It never ends by itself (HP217).
    Endless,
    /// It locks or fills what is already short (HP218).
    Heavy,
    /// It returns before its work is done; `object` matches what waits for it (HP704).
    Async,
    /// It takes a secret on its command line (HP301).
    SecretOption,
    /// It depends on what is set somewhere else: a context, a database, a workspace (HP215).
    ImplicitTarget,
    /// It prints, and succeeds whatever it prints (HP601).
    PrintsOnly,
    /// It is taken for a check and is none (HP602).
    NoCheck,
    /// It was removed from the tool, or the file is not read any more (HP701).
    Removed,
    /// The tool never had it (HP702).
    Unknown,
    /// It does something else than it is mostly taken for (HP703).
    WrongTool,
}

impl Knowledge {
    /// What comes along.
    pub fn built_in() -> Knowledge {
        Knowledge::default()
    }

    /// What is known of a command.
    pub fn of(&self, command: &Command) -> Vec<&Fact> {
        let _ = command;
        self.facts.iter().collect()
    }
}
