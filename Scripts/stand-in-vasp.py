#!/usr/bin/env python3
"""Stands in for VASP where campaigns are tested: reads the inputs of a run folder and writes an OUTCAR as VASP 6 prints it.

  stand-in-vasp.py [KIND]           in a run folder; KIND: finished (default), unconverged, truncated, brmix, by-structure, by-algo,
                                    relaxed (four ionic steps, the second unconverged), exhausted (so, and NSW too small)
  stand-in-vasp.py --tree DIR       outputs for every run folder of a campaign: by entry, finished, unconverged, truncated, none
  stand-in-vasp.py --library DIR    POTCARs of one line (titles alone) for the elements of the presets
The energies are made up, and the same for the same structure. Nothing here is VASP's."""
import hashlib, math, os, sys, time

LABELS = dict(Li="Li_sv", O="O", F="F", Sc="Sc_sv", Ti="Ti_pv", V="V_pv", Cr="Cr_pv", Mn="Mn_pv", Fe="Fe_pv", Co="Co",
              Ni="Ni_pv", Cu="Cu_pv")


def inputs(folder):
    lines = open(folder + "/POSCAR").read().splitlines()
    cell = [[float(x) for x in line.split()[:3]] for line in lines[2:5]]
    symbols = lines[5].split()
    counts = [int(x) for x in lines[6].split()]
    positions = [[float(x) for x in line.split()[:3]] for line in lines[8:8 + sum(counts)]]
    tags = dict(line.split(" = ", 1) for line in open(folder + "/INCAR").read().splitlines() if " = " in line)
    mesh = open(folder + "/KPOINTS").read().splitlines()[3].split()
    return cell, symbols, counts, positions, tags, mesh


def reciprocal(cell):
    a, b, c = cell
    cross = lambda u, v: [u[1] * v[2] - u[2] * v[1], u[2] * v[0] - u[0] * v[2], u[0] * v[1] - u[1] * v[0]]
    volume = sum(x * y for x, y in zip(a, cross(b, c)))
    return volume, [[x / volume for x in row] for row in (cross(b, c), cross(c, a), cross(a, b))]


def fortran(x):
    """0.1E-04, as Fortran's E7.1."""
    if x == 0:
        return "0.0E+00"
    power = math.floor(math.log10(x)) + 1
    digit = round(x / 10.0**power * 10)
    if digit == 10:
        digit, power = 1, power + 1
    return "0.%dE%+03d" % (digit, power)


MOVING = ("relaxed", "exhausted")


def ionic(number, energy, steps, isBad, isCut, moment):
    text = []
    for step in range(1, steps + 1):
        text += ["--------------------------------------- Iteration %6d(%4d)  ---------------------------------------" % (number, step),
                 " total energy-change (2. order) : %s  (-0.2E-02)" % ("0.1034E-01" if step < steps or isBad else "0.1034E-06"),
                 " number of electron       7.0000000 magnetization %15.7f" % moment,
                 "  free energy    TOTEN  = %18.8f eV" % energy]
    if not isCut and not isBad:
        text += ["------------------------ aborting loop because EDIFF is reached ----------------------------------------"]
    return text


def results(energy, positions, seed, volume, lattice):
    count = len(positions)
    text = [" magnetization (x)", "", "# of ion       s       p       d       tot", "-" * 42]
    text += ["%5d        0.000   0.000   %5.3f   %5.3f" % (i + 1, seed[i % 32] / 64, seed[i % 32] / 64) for i in range(count)]
    text += ["-" * 50, "tot          0.000   0.000   1.000   1.000", ""]
    text += ["  in kB      10.00000    20.00000    30.00000     1.00000     2.00000     3.00000",
             "  volume of cell :   %10.2f" % abs(volume)] + lattice
    text += ["", " POSITION                                       TOTAL-FORCE (eV/Angst)", " " + "-" * 83]
    forces = [[math.sin(i + k + seed[k]) * 0.1 for k in range(3)] for i in range(count)]
    net = [sum(force[k] for force in forces) / count for k in range(3)]
    for p, made in zip(positions, forces):
        force = [made[k] - net[k] for k in range(3)]
        text += [" %12.5f %12.5f %12.5f    %13.6f %13.6f %13.6f" % (*p, *force)]
    return text + [" " + "-" * 83, "    total drift:                                0.000000      0.000000      0.000000",
                   "  free  energy   TOTEN  = %18.8f eV" % energy, "",
                   "  energy  without entropy= %16.8f  energy(sigma->0) = %16.8f" % (energy, energy),
                   "     LOOP+:  cpu time    6.3067: real time    6.3309"]


def outcar(folder, kind):
    cell, symbols, counts, positions, tags, mesh = inputs(folder)
    count = sum(counts)
    seed = hashlib.sha256(repr((cell, symbols, counts, positions)).encode()).digest()
    energy = -5.0 * count - seed[0] / 256
    volume, dual = reciprocal(cell)
    u = tags.get("LDAUU", " ".join("0" for _ in symbols)).split()
    u = [x for word in u for x in ([word.split("*")[1]] * int(word.split("*")[0]) if "*" in word else [word])]
    text = [" vasp.6.1.2 22Jul20 (build Jan 01 2021 00:00:00) complex"]
    titles = ["PAW_PBE %s 02Aug2007" % LABELS[s] for s in symbols]
    for symbol, title in zip(symbols, titles):
        text += ["   VRHFIN =%s: stand-in" % symbol, "   LEXCH  = PE", "   TITEL  = " + title]
    text += [" generate k-points for:    " + "    ".join(mesh)]
    text += ["   number of dos      NEDOS =    301   number of ions     NIONS = %6d" % count]
    text += ["   ions per type =  " + "".join("%5d" % c for c in counts)]
    nelm = int(float(tags.get("NELM", "60")))
    nsw = int(float(tags.get("NSW", "0")))
    text += ["   PREC   = %-6s    normal" % tags.get("PREC", "Normal").lower()[:6], "   ISPIN  = %6s    spin polarized calculation?" % tags.get("ISPIN", "1"),
             "   LASPH  =      %s    aspherical Exc in radial PAW" % tags.get("LASPH", "F").strip(".")[0],
             "   ENCUT  =  %s eV  38.22 Ry" % float(tags["ENCUT"]), "   NELM   = %6d;   NELMIN=  2; NELMDL= -5" % nelm,
             "   EDIFF  = %s   stopping-criterion for ELM" % fortran(float(tags.get("EDIFF", "1E-4"))), "   NSW    = %6d    number of steps for IOM" % nsw,
             "   IBRION = %6s    ionic relax" % tags.get("IBRION", "-1"),
             "   ISIF   = %6s    stress and relaxation" % tags.get("ISIF", "2"),
             "   ISMEAR = %6s;   SIGMA  = %6.2f  broadening in eV" % (tags.get("ISMEAR", "1"), float(tags.get("SIGMA", "0.2"))),
             "   LORBIT = %6s    0 simple" % tags.get("LORBIT", "0"), "   METAGGA=      F    non-selfconsistent MetaGGA calc.",
             "   GGA     =    %s    GGA type" % tags.get("GGA", "--")]
    if tags.get("LDAU") == ".TRUE.":
        text += [" angular momentum for each species LDAUL =" + "".join("%5d" % (2 if float(x) else -1) for x in u),
                 " U (eV)           for each species LDAUU =" + "".join("%5.1f" % float(x) for x in u)]
    lattice = ["      direct lattice vectors                 reciprocal lattice vectors"]
    lattice += ["   " + "".join("%13.9f" % x for x in a) + "   " + "".join("%13.9f" % x for x in b) for a, b in zip(cell, dual)]
    text += ["  volume of cell :   %10.2f" % abs(volume)] + lattice + [""]
    text += [" position of ions in cartesian coordinates  (Angst):"]
    text += ["  %11.8f %11.8f %11.8f" % tuple(p) for p in positions] + [""]
    for number in range(1, (4 if kind in MOVING else 1) + 1):
        # Steps of a relaxation move the atoms; the electrons of the second do not converge.
        isBad = kind == "unconverged" or kind in MOVING and number == 2
        here = [[x + 0.01 * (number - 1) for x in p] for p in positions]
        text += ionic(number, energy - 0.1 * (number - 1), nelm if isBad else 3, isBad, kind == "truncated", float(tags.get("NUPDOWN", 1)))
        if kind == "truncated":
            return "\n".join(text) + "\n"
        text += results(energy - 0.1 * (number - 1), here, seed, volume, lattice)
    if nsw > 0 and kind != "exhausted":
        text += [" reached required accuracy - stopping structural energy minimisation"]
    return "\n".join(text + [" General timing and accounting informations for this job:", ""])


def write(folder, kind):
    with open(folder + "/OUTCAR", "w") as file:
        file.write(outcar(folder, kind))
    if kind in MOVING:
        lines = open(folder + "/POSCAR").read().splitlines()
        with open(folder + "/CONTCAR", "w") as file:
            cell = [[float(x) for x in line.split()] for line in lines[2:5]]
            cell[2][2] += 0.01
            file.write("\n".join(lines[:2] + ["%.16f %.16f %.16f" % tuple(v) for v in cell] + lines[5:]) + "\n")


def main(words):
    if words[:1] == ["--library"]:
        for symbol, label in LABELS.items():
            os.makedirs(words[1] + "/" + label, exist_ok=True)
            with open(words[1] + "/" + label + "/POTCAR", "w") as file:
                file.write("  PAW_PBE %s 02Aug2007\n 1.0\n parameters from PSCTR are:\n   VRHFIN =%s: stand-in\n   LEXCH  = PE\n" % (label, symbol))
                file.write("   TITEL  = PAW_PBE %s 02Aug2007\nEND of PSCTR-controll parameters\nEnd of Dataset\n" % label)
        return 0
    if words[:1] == ["--tree"]:
        for name in sorted(os.listdir(words[1] + "/runs")):
            kind = ["finished", "unconverged", "truncated", None][int(name) % 4]
            if kind:
                write("%s/runs/%s/1" % (words[1], name), kind)
        return 0
    kind = words[0] if words else "finished"
    seed = hashlib.sha256(open("POSCAR", "rb").read()).digest()[0]
    if kind == "by-structure":
        kind = ["finished", "finished", "unconverged", "truncated"][seed % 4]
    if kind == "by-algo":
        algo = [line.split(" = ")[1] for line in open("INCAR").read().splitlines() if line.startswith("ALGO = ")][0]
        kind = "finished" if algo == "All" or seed % 3 == 0 else "unconverged"
    time.sleep(float(os.environ.get("STAND_IN_SECONDS", "0")))
    if kind == "brmix":
        print(" BRMIX: very serious problems\n the old and the new charge density differ")
        write(".", "truncated")
        return 1
    write(".", kind)
    return 0


sys.exit(main(sys.argv[1:]))
