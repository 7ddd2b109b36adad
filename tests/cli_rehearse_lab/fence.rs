//! What a step does in a lab stays there, or is refused before anything is started.

use super::{BOOK, assert_nothing_is_left, bench, labs, rehearse, report};

#[test]
fn sudo_stays_in_the_lab() {
    let asked = "folder=${{ inputs.folder }}\n          \
                 sudo -n systemctl restart folder 2> \"$folder/told\" || echo \"$?\" >> \"$folder/told\"";
    let book = BOOK.replace("folder=${{ inputs.folder }}\n", &format!("{asked}\n")).replace(
        "expect: {stdout: {equals: \"1\\n2\\n3\"}}}]",
        "expect: {stdout: {equals: \"1\\n2\\n3\"}}}, \
         {run: 'cat ${{ inputs.folder }}/told', expect: {stdout: {equals: \"\
         Unit folder.service could not be found in this lab.\\n5\"}}}]",
    );
    let bench = bench(&book);
    rehearse(&bench).exit(0);
    assert_nothing_is_left(&bench);
}

#[test]
fn nothing_that_could_name_production_reaches_a_lab() {
    let asked = "folder=${{ inputs.folder }}\n          env > \"$folder/seen\"";
    let book = BOOK.replace("folder=${{ inputs.folder }}\n", &format!("{asked}\n")).replace(
        "lost: echo 12.5",
        "lost: grep -c -e ^PGSERVICE -e /srv/production \"$LAB_FOLDER_FOLDER/seen\" || true",
    );
    let bench = bench(&book).env("PGSERVICE", "production").env("KUBECONFIG", "/srv/production");
    rehearse(&bench).exit(0);
    assert_eq!(report(&bench)["rpo_ms"], 0, "neither is in the environment of a step");
    assert_nothing_is_left(&bench);
}

#[test]
fn a_place_that_is_no_lab_is_refused_before_anything_is_started() {
    let bench = bench(BOOK);
    bench.write(
        "holdpoint.yaml",
        "holdpoint: 1\nenvironments: {production: {inputs: {folder: /srv}}, lab: {}}\n",
    );
    let args = ["rehearse", "book.yaml", "--lab", "--environment", "production"];
    let expected = "
        error: `production` is no lab: its machines would be broken for real
          help: leave --environment out, or name the environment `lab`
    ";
    bench.args(args).stderr(expected).exit(2);
    let book =
        BOOK.replace("defaults: {shell: sh -eu}", "defaults: {shell: sh -eu, target: {ssh: db1}}");
    bench.write("book.yaml", &book.replace("\n    ", "\n"));
    let args = ["rehearse", "book.yaml", "--lab"];
    bench
        .args(args)
        .stderr_contains("its steps run on other machines, which are none of the lab")
        .exit(2);
    assert!(bench.rehearsals().is_empty() && labs(&bench).is_empty());
}

#[test]
fn a_step_that_would_find_the_programs_of_the_machine_again_is_refused() {
    let path = "      - id: restore\n        env: {PATH: /usr/bin}\n";
    let login = "      - id: restore\n        shell: bash -l -eu\n";
    for (change, what) in [(path, "a `PATH` of its own"), (login, "a login shell")] {
        let bench = bench(&BOOK.replace("      - id: restore\n", change));
        let told = format!(
            "error: a step has {what}, by which it would find the machine's systemctl, ssh and sudo\n  \
             help: leave that out, or put what differs into an input: the lab has stand-ins before PATH\n"
        );
        bench.args(["rehearse", "book.yaml", "--lab"]).stderr(&told).exit(2);
    }
}

#[test]
fn where_a_symptom_is_in_another_place_it_is_refused_before_anything_is_started() {
    let probe = "symptoms: [{target: {docker: shop}, run: 'true'}, {file: ";
    let bench = bench(&BOOK.replace("symptoms: [{file: ", probe));
    let told = "none of the lab\n";
    bench.args(["rehearse", "book.yaml", "--lab"]).stderr_contains(told).exit(2);
}
