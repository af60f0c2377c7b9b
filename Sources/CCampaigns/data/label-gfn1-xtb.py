"""Energy, forces and virial of structure.json by tblite, into result.json: eV, eV/Angstrom; Gamma point only."""
import json, os, sys, time

import numpy as np
import tblite.interface as tblite
from importlib.metadata import version

HARTREE = 27.211386245988  # eV, CODATA 2018
BOHR = 0.529177210903  # Angstrom, CODATA 2018


def write(name, content):
    with open("." + name, "w") as file:
        json.dump(content, file)
        file.flush()
        os.fsync(file.fileno())
    os.replace("." + name, name)


def main():
    with open("structure.json") as file:
        task = json.load(file)
    result = {"structure": task["structure"], "method": task["method"], "code": "tblite " + version("tblite")}
    started = time.time()
    try:
        calculator = tblite.Calculator(
            task["method"],
            np.array(task["numbers"]),
            np.array(task["positions"]) / BOHR,
            lattice=np.array(task["lattice"]) / BOHR,
            periodic=np.array([True, True, True]),
        )
        calculator.set("verbosity", 0)
        calculator.set("max-iter", task["max_iterations"])
        calculator.set("accuracy", task["accuracy"])
        calculator.set("temperature", task["electronic_temperature"] * 3.166811563e-6)
        found = calculator.singlepoint()
    except Exception as error:
        write("result.json", {**result, "error": str(error) or type(error).__name__})
        return 1
    result["energy"] = float(found.get("energy")) * HARTREE
    result["forces"] = (-np.array(found.get("gradient")) * HARTREE / BOHR).tolist()
    # tblite's virial is dE/d(strain); Halite's is its negative.
    result["virial"] = (-np.array(found.get("virial")) * HARTREE).reshape(9).tolist()
    result["seconds"] = time.time() - started
    write("result.json", result)
    return 0


sys.exit(main())
