// One user's work in one transaction, with Prisma. Before: npx prisma generate --schema schema.prisma
import { PrismaPg } from '@prisma/adapter-pg'
import { PrismaClient } from '@prisma/client'

/** Policies see the user of this token while `work` runs. A token that is not valid throws;
 * error.meta.driverAdapterError.cause has originalCode 28000. */
export function signedIn(prisma, accessToken, work) {
  return prisma.$transaction(async (tx) => {
    await tx.$queryRaw`select workos_authenticate(${accessToken})`
    return work(tx)
  })
}

const prisma = new PrismaClient({ adapter: new PrismaPg({ host: process.env.PGHOST, max: 1 }) })
const print = (rows) => console.log(...Object.values(rows[0]).map(String))
await signedIn(prisma, process.env.ACCESS_TOKEN, async (tx) => {
  print(await tx.$queryRaw`select workos_user_id(), workos_org_id()`)
})
print(await prisma.$queryRaw`select workos_user_id()`)
await signedIn(prisma, process.env.ACCESS_TOKEN + 'x', () => console.log('never printed'))
  .catch((error) => console.log(error.meta.driverAdapterError.cause.originalMessage))
await prisma.$disconnect()
