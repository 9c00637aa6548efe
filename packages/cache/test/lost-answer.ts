/** A network that carries everything but the answer to the COMMIT of a publication, and breaks the connection instead. */
import { connect, createServer, type Socket } from 'node:net';

export async function losingTheCommit(
  url: string,
): Promise<{ url: string; lost: () => number; close: () => Promise<void> }> {
  const target = new URL(url);
  let lost = 0;
  const sockets = new Set<Socket>();
  const server = createServer((inside) => {
    const outside = connect(Number(target.port || 5432), target.hostname);
    sockets.add(inside).add(outside);
    let publishing = false;
    let losing = false;
    inside.on('data', (data) => {
      publishing ||= data.includes('SET SCHEMA');
      if (publishing && data.includes('COMMIT')) losing = true;
      outside.write(data);
    });
    outside.on('data', (data) => {
      if (!losing) inside.write(data);
      else if (!inside.destroyed) {
        lost++;
        inside.destroy();
        outside.end();
      }
    });
    inside.on('error', () => outside.destroy());
    outside.on('error', () => inside.destroy());
    inside.on('close', () => outside.end());
    outside.on('close', () => inside.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  const through = new URL(url);
  through.hostname = '127.0.0.1';
  through.port = String(typeof address === 'object' && address ? address.port : 0);
  return {
    url: through.href,
    lost: () => lost,
    close: async () => {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
