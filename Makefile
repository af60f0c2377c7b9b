# `make help` lists what there is. Each target does the whole set-up by itself.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.PHONY: help setup build demo test examples prove fuzz peers benchmarks format lint install clean

PREFIX ?= /usr/local
INPUTS ?= 20000
DATA ?= ../shared/data
SOURCES = Package.swift Sources Tests Benchmarks Fuzzing

help: ## this list
	@grep -hE '^[a-z]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 13

setup: ## install what is missing from Debian
	@Scripts/setup.sh

build: setup ## build the command in release: .build/release/halite
	swift build -c release

demo: build ## data, training and report on the sample that comes with Halite (under a minute)
	.build/release/halite demo

test: setup ## all tests, in release
	Scripts/test.sh

examples: build ## the scripts of Examples/, as their pages show them
	Examples/run-all.sh

fuzz: setup ## INPUTS=20000 random inputs for each reader
	Scripts/fuzz.sh $(INPUTS)

prove: build ## the long proofs: a million inputs for each reader, every data set to every format and back, kills, full disk, full size
	Scripts/fuzz.sh 1000000
	Scripts/kill-test.sh 10 lbfgs
	Scripts/kill-test.sh 10 adam
	Scripts/disk-test.sh
	Scripts/study-kill-test.sh 20
	Scripts/campaign-kill-test.sh 20
	Scripts/campaign-two-test.sh
	Scripts/campaign-size-test.sh
	Scripts/slurm-test.sh
	HALITE_WHOLE_SETS=1 Scripts/test.sh --filter everyDataSetGoesToEveryFormatAndBack
	Scripts/convert-all.sh $(DATA)
	Scripts/large-data-test.sh
	.build/release/halite-benchmarks all --json

peers: ## Python environment of the peers for comparison tests, in HALITE_PEERS (HEAVY=1: all of them)
	Scripts/peers.sh $(if $(HEAVY),--heavy)

benchmarks: build ## speed of the parts that matter
	.build/release/halite-benchmarks all --json

format: setup ## put the sources into the house style
	swift format --in-place --parallel --recursive $(SOURCES)

lint: setup ## say where the sources leave the house style
	swift format lint --strict --parallel --recursive $(SOURCES)

install: build ## copy the command to PREFIX/bin (default /usr/local)
	install -D -m 755 .build/release/halite $(DESTDIR)$(PREFIX)/bin/halite

clean: ## remove everything that was built
	rm -rf .build
