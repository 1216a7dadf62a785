"""seawall textscore: a score per post that orders what people read, fitted to the home's own seeds."""

from __future__ import annotations

import typer

from seawall.cli.home import DEFAULT, AsJson, Home, open_lake
from seawall.cli.terminal import fail, out, print_json
from seawall.grounds.seeds import Seeds, SeedsError
from seawall.signals.contract import SignalError

app = typer.Typer(
    no_args_is_help=True,
    help="How much a post reads like the seeds' posts. It orders what people read; it makes no finding.",
)


@app.command()
def fit(home: Home = DEFAULT) -> None:
    """Fit it to the posts of verified seeds against those of others; `seawall stream` scores with it from then on."""
    from seawall.signals.textscore import write_model  # noqa: PLC0415 - the engines take a second to import
    from seawall.signals.textscore.fitting import fit as fit_to  # noqa: PLC0415

    with open_lake(home) as lake, lake.snapshot() as snapshot:
        try:
            fitted = fit_to(snapshot.scan("posts"), Seeds(home).live())
        except (SignalError, SeedsError) as error:
            fail(str(error))
    write_model(home, fitted.model)
    out.print(
        f"{fitted.model.version}: fitted to {fitted.posts:,} posts of {fitted.seeds:,} seeds and {fitted.others:,} of "
        f"others. On accounts it had not seen: {fitted.told:.0%} of seeds' posts score one half or more, "
        f"{fitted.false:.2%} of others' do (AUC {fitted.auc:.3f}); no control sentence does."
    )


@app.command()
def show(home: Home = DEFAULT, as_json: AsJson = False) -> None:
    """Show which text score this home has, and how well it tells."""
    from seawall.signals.textscore import read_model  # noqa: PLC0415

    try:
        model = read_model(home)
    except SignalError as error:
        fail(str(error))
    if model is None:
        fail("this home has no text score. Fit one to its seeds: seawall textscore fit")
    about = {"version": model.version, **model.about}
    if as_json:
        print_json(about)
        return
    for name, value in about.items():
        out.print(f"{name}: {value if isinstance(value, str) else f'{value:,.4g}'}", markup=False)
