//! Whose rights a run acts with, and who may look into the memory of its driver.
//!
//! Some of this needs a second user, so it is proven where the tests run as root, and otherwise
//! says so on standard error; the rule itself is tested beside it.

use crate::harness::Bench;

/// Makes a script speak for a user without rights, `$as ./holdpoint …`, in a folder of its own.
const AS_NOBODY: &str = "
    cp \"$(command -v holdpoint)\" holdpoint
    mkdir -p state && chmod 700 state && chmod 755 . && chown -R 65534:65534 .
    as='setpriv --reuid=65534 --regid=65534 --clear-groups'
";

#[expect(clippy::print_stderr, reason = "a test that proves nothing must say so")]
fn is_root() -> bool {
    let is_root = rustix::process::geteuid().is_root();
    if !is_root {
        eprintln!("only root can act as two users: this proves nothing here");
    }
    is_root
}

#[test]
fn a_copy_that_lends_the_rights_of_its_owner_or_group_does_nothing() {
    if !is_root() {
        return;
    }
    let text = "
        holdpoint: 1
        id: book
        title: Book
        steps: [{id: a, run: id -u >> effects}]
    ";
    for (mode, bit) in [("4755", "setuid"), ("2755", "setgid")] {
        let bench = Bench::new().runbook("book.yaml", text);
        let copy = format!(
            "cp \"$(command -v holdpoint)\" lent && chown 65534:65534 lent && chmod {mode} lent"
        );
        let refused = format!(
            "
            error: the {bit} bit of this program would run commands with another's rights
              help: take the bit away from its file: chmod ug-s
            "
        );
        for command in ["run book.yaml", "--version", "@keeper ."] {
            bench.shell(&format!("{copy} && ./lent {command}")).stderr(&refused).exit(2);
        }
        assert!(bench.effects().is_empty());
        let plain = "chmod 755 lent && ./lent run book.yaml";
        bench.shell(plain).stdout_contains("a  succeeded").exit(0);
        assert_eq!(bench.effects().len(), 1);
    }
}

/// A step tells whom the memory of its driver belongs to: root, once nobody may look into it.
const LOOKS: &str = "
    holdpoint: 1
    id: book
    title: Book
    inputs: {password: {type: string, secret: true, env: PASSWORD}}
    steps:
      - id: look
        ENV
        outputs: {seen: {from: line, line: 1}}
        run: |
          driver=$(sed 's/.*\"pid\":\\([0-9]*\\).*/\\1/' state/runs/*/lock)
          stat -c %u /proc/$driver/mem
      - {id: again, run: 'echo ${{ steps.look.outputs.seen }} >> effects'}
";

#[test]
fn nobody_looks_into_a_driver_that_holds_a_secret_and_it_works_all_the_same() {
    if !is_root() {
        return;
    }
    let env = "env: {P: '${{ inputs.password }}'}";
    let plain = LOOKS
        .replace("        ENV\n", "")
        .replace("    inputs: {password: {type: string, secret: true, env: PASSWORD}}\n", "");
    for (text, owner) in [(LOOKS.replace("ENV", env), "0"), (plain, "65534")] {
        let bench = Bench::new().env("PASSWORD", "a-long-secret").runbook("book.yaml", &text);
        bench
            .shell(&format!("{AS_NOBODY}\n $as ./holdpoint run book.yaml"))
            .stdout_contains("again  succeeded")
            .exit(0);
        assert_eq!(bench.effects(), [owner]);
        bench.sound_journal();
    }
}
