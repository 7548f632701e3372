// The fleet under pm2: `make setup`, then `pm2 start ecosystem.config.js`. Settings come from .env in this directory.
// docs/deployment.md tells why each line is as it is.
const path = require("path");

const root = __dirname;
const python = path.join(root, ".venv", "bin", "python");
// pm2 leaves its children behind when it is killed itself, and then starts them a second time. The guard asks the kernel to
// stop a service with its pm2 (Linux), so that there is never a second one. It costs nothing: the service takes its place.
const guard = path.join(root, "SharedServices", "cli", "guard.py");

function app(name, module, memory) {
  return {
    name,
    cwd: root,
    script: python,
    interpreter: "none",
    args: ["-I", "-S", guard, "0", python, "-m", module],
    exec_mode: "fork",
    instances: 1,
    autorestart: true,
    watch: false,
    kill_timeout: 10000, // the services promise 8 s; SIGINT first, SIGKILL after this
    treekill: false, // an embedded MongoDB is shared: it ends with its last user, not with the first that is restarted
    exp_backoff_restart_delay: 200, // grows by half each time, to 15 s; back to the start after 30 s of running
    max_restarts: 1000000, // never give up: MongoDB or the network may be away for a night
    max_memory_restart: memory,
    merge_logs: true,
    time: false, // the lines have their own times
  };
}

module.exports = {
  apps: [
    app("websocket-updater", "PROPPR.WebsocketUpdater.runners.run_websocket_updater", "500M"),
    app("unified-poller", "PROPPR.UnifiedAPIPoller.runners.run_unified_poller", "300M"),
    app("stats-pipeline", "PROPPR.StatsUpdateFM.runners.run_stats_pipeline", "400M"),
    app("grader", "PROPPR.SharedServices.grading.runners.run_grading_scheduler", "200M"),
  ],
};
