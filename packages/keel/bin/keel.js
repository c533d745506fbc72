#!/usr/bin/env node
// npm links a command before `prepare` has compiled it, so what it links must be in the repository.
require('../dist/bin.js');
