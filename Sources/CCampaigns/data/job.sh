#!/bin/sh
# One calculation: job.sh RUNFOLDER [locked]. Written by halite; the command is the one of campaign.yaml.
# run.lock is held as long as the calculation lives, run.started says that it began, run.done that it ended by itself.
HALITE_CAMPAIGN=@campaign@
export HALITE_CAMPAIGN
cd "$HALITE_CAMPAIGN/$1" || exit 1
if [ "$2" != locked ]; then
  exec 9>>run.lock
  flock -w 10 9 || exit 0
fi
[ -e run.done ] && exit 0
printf 'host=%s\njob=%s\n' "$(uname -n)" "${SLURM_ARRAY_JOB_ID:-}" >.run.started && mv .run.started run.started
begin=$(date +%s.%N)
(
@command@
) >job.out 2>job.err
status=$?
end=$(date +%s.%N)
printf 'status=%s\nbegin=%s\nend=%s\n' "$status" "$begin" "$end" >.run.done && mv .run.done run.done
