#!/bin/sh
# One task of a Slurm job array: the run folder in the line of its number. Written by halite.
run=$(sed -n "${SLURM_ARRAY_TASK_ID}p" "@campaign@/batches/$1.tasks")
[ -n "$run" ] && exec /bin/sh "@campaign@/job.sh" "$run"
