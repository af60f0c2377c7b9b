"""Chooses the frames of drx-sample.extxyz.gz from a file made by label.py. Usage: select.py ALL.extxyz COUNT OUT.gz

Frames are sorted by (config_type, number of transition metals, place in the file) and taken at even steps, so that
every class and every degree of mixing keeps its share; they are written in the order of the file. Coordinates,
energies and forces are copied digit for digit; the keys become REF_energy, REF_forces and REF_stress.
"""
import gzip, re, sys


def frames(path):
    with open(path) as file:
        for head in file:
            yield next(file), [next(file).split() for _ in range(int(head))]


def rank(indexed):
    index, (comment, atoms) = indexed
    metals = {atom[0] for atom in atoms} - {"Li", "O"}
    return re.search(r"config_type=(\S+)", comment)[1], len(metals), index


def renamed(comment, index):
    for old, new in (("forces:R", "REF_forces:R"), (" energy=", " REF_energy="), (" stress=", " REF_stress=")):
        assert comment.count(old) == 1, (index, old)
        comment = comment.replace(old, new)
    return f"{comment.rstrip()} source_frame={index}\n"


source, count, target = sys.argv[1], int(sys.argv[2]), sys.argv[3]
everything = sorted(enumerate(frames(source)), key=rank)
chosen = sorted(everything[(2 * k + 1) * len(everything) // (2 * count)] for k in range(count))
text = "".join(
    f"{len(atoms)}\n{renamed(comment, index)}" + "".join(" ".join(atom) + "\n" for atom in atoms)
    for index, (comment, atoms) in chosen
)
with open(target, "wb") as file:  # no name and no time in the header: the same bytes every time
    with gzip.GzipFile(filename="", mode="wb", compresslevel=9, fileobj=file, mtime=0) as packed:
        packed.write(text.encode())
