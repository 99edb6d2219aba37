"""Types commands of the AWS CLI, one a line of its input, in one process: most of a command's time is else Python's start.

A line is JSON: args, env and dir. The answer is JSON, too: code, out and err. Each command has a driver of its own, as the
program `aws` makes one; only the models of the services, which are files, are read once.
"""

import io
import json
import os
import sys

from awscli.clidriver import create_clidriver

LOADER = None


def typed(args, env, dir):
    global LOADER
    os.environ.update(env)
    os.chdir(dir)
    out, err = (io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True) for _ in range(2))
    sys.stdout, sys.stderr = out, err
    try:
        driver = create_clidriver()
        if LOADER is None:
            LOADER = driver.session.get_component("data_loader")
        else:
            driver.session.register_component("data_loader", LOADER)
        code = driver.main(args)
    except SystemExit as end:  # argparse ends so what it cannot read
        code = end.code
    finally:
        sys.stdout, sys.stderr = sys.__stdout__, sys.__stderr__
    said = {name: stream.buffer.getvalue().decode(errors="replace") for name, stream in (("out", out), ("err", err))}
    return {"code": code or 0, **said}


for line in sys.stdin:
    print(json.dumps(typed(**json.loads(line))), flush=True)
