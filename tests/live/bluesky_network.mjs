// A whole Bluesky network on loopback, for tests. Env: DB_POSTGRES_URL, REDIS_HOST (host:port), BASE_PORT.
// Prints one line of JSON when it is up. SIGUSR2 ends its personal data server and starts it anew on its data, with
// another line; SIGTERM ends all.
import { randomBytes } from 'node:crypto'
import { createRequire, registerHooks } from 'node:module'
import net from 'node:net'
import { pathToFileURL } from 'node:url'

const base = Number(process.env.BASE_PORT)
const modules = createRequire(process.cwd() + '/')
const load = (name) => import(pathToFileURL(modules.resolve(name)).href)

// every server of the network listens on all interfaces: keep it on loopback
const listen = net.Server.prototype.listen
net.Server.prototype.listen = function (...given) {
  if (typeof given[0] === 'number') {
    const then = given.findLast((one) => typeof one === 'function')
    return listen.call(this, { port: given[0], host: '127.0.0.1' }, then)
  }
  if (given[0] && typeof given[0] === 'object' && 'port' in given[0]) given[0] = { ...given[0], host: '127.0.0.1' }
  return listen.apply(this, given)
}

// it takes ports for its helpers at random: hand them out
let next = base + 10
globalThis.nextPort = () => next++
registerHooks({
  resolve(name, context, otherwise) {
    if (/get-port(\.js)?$/.test(name) && context.parentURL?.includes('/dev-env/')) {
      const source = 'export default async () => globalThis.nextPort()'
      return { url: 'data:text/javascript,' + encodeURIComponent(source), shortCircuit: true }
    }
    return otherwise(name, context)
  },
})

const { TestNetwork } = await load('@atproto/dev-env')
const { PDS } = await load('@atproto/pds')
const rotationKey = randomBytes(32).toString('hex')
const network = await TestNetwork.create({
  dbPostgresSchema: 'db',
  plc: { port: base },
  pds: { port: base + 1, hostname: 'localhost', enableDidDocWithSession: true, plcRotationKeyK256PrivateKeyHex: rotationKey },
  bsky: { port: base + 2, publicUrl: `http://localhost:${base + 2}` },
  ozone: { port: base + 3, dbMaterializedViewRefreshIntervalMs: 5_000 },
})
const say = (what) => console.log(JSON.stringify(what))
say({ ready: true, pds: network.pds.url, bsky: network.bsky.url })

process.on('SIGUSR2', async () => {
  const { cfg } = network.pds.ctx
  await network.pds.server.destroy()
  say({ stopped: true })
  await new Promise((done) => setTimeout(done, Number(process.env.AWAY_MS || 1500)))
  const secrets = {
    jwtSecret: 'jwt-secret', // these two are the network's own
    adminPassword: 'admin-pass',
    plcRotationKey: { provider: 'memory', privateKeyHex: rotationKey },
  }
  network.pds.server = await PDS.create(cfg, secrets)
  await network.pds.server.start()
  say({ started: true })
})
for (const signal of ['SIGTERM', 'SIGINT']) {
  process.on(signal, async () => {
    await network.close().catch(() => {})
    process.exit(0)
  })
}
