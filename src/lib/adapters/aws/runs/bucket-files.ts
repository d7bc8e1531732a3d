import { setTimeout as sleep } from 'node:timers/promises'
import {
  DeleteObjectCommand,
  GetObjectCommand,
  ListObjectsV2Command,
  type ListObjectsV2Output,
  PutObjectCommand,
  type S3Client,
} from '@aws-sdk/client-s3'
import { EtlError } from '../../../core/errors.js'
import type { AwsClients } from '../clients.js'
import { isNamed } from '../errors.js'

const TRIES = 5
const PAUSE_MS = 100

/** An object as a listing tells it; the ETag tells it from any other of its key. */
export interface BucketObject {
  bytes: number
  etag: string
}

/** Small texts of the bucket, by their keys. */
export class BucketFiles {
  constructor(
    readonly clients: Pick<AwsClients, 's3'>,
    readonly bucket: string,
  ) {}

  /** Undefined where there is none. */
  async read(key: string): Promise<string | undefined> {
    try {
      return await this.#ask(async (client) => {
        const { Body } = await client.send(new GetObjectCommand({ Bucket: this.bucket, Key: key }))
        return (await Body?.transformToString()) ?? ''
      })
    } catch (error) {
      if (isNamed(error, 'NoSuchKey', 'NotFound')) return undefined
      throw error
    }
  }

  async write(key: string, text: string): Promise<void> {
    await this.#put(key, text, {})
  }

  /** Writes a file that is not there yet. @returns false when it is, which then stays as it is */
  async create(key: string, text: string): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      try {
        await this.#put(key, text, { IfNoneMatch: '*' })
        return true
      } catch (error) {
        if (isNamed(error, 'PreconditionFailed')) return false
        // Somebody else writes it at this moment.
        if (!isNamed(error, 'ConditionalRequestConflict') || tries >= TRIES) throw error
        await sleep(PAUSE_MS * tries)
      }
    }
  }

  async remove(key: string): Promise<void> {
    await this.#ask((client) => client.send(new DeleteObjectCommand({ Bucket: this.bucket, Key: key })))
  }

  /** Keys of all that is in a folder, and in those in it. */
  async keys(prefix: string): Promise<string[]> {
    const keys: string[] = []
    for await (const { Contents = [] } of this.#pages({ Prefix: prefix }))
      keys.push(...Contents.flatMap(({ Key }) => Key ?? []))
    return keys
  }

  /** Size and ETag of all that is in a folder, and in those in it, by key. */
  async objects(prefix: string): Promise<Map<string, BucketObject>> {
    const found = new Map<string, BucketObject>()
    for await (const { Contents = [] } of this.#pages({ Prefix: prefix }))
      for (const { Key = '', Size = 0, ETag = '' } of Contents)
        found.set(Key, { bytes: Size, etag: ETag.replaceAll('"', '') })
    return found
  }

  /** Names of the folders in a folder. */
  async folders(prefix: string): Promise<string[]> {
    const names: string[] = []
    for await (const { CommonPrefixes = [] } of this.#pages({ Prefix: prefix, Delimiter: '/' }))
      names.push(...CommonPrefixes.map(({ Prefix = '' }) => Prefix.slice(prefix.length, -1)))
    return names
  }

  async *#pages(what: { Prefix: string; Delimiter?: string }): AsyncGenerator<ListObjectsV2Output, void> {
    for (let token: string | undefined; ; ) {
      const more = token ? { ContinuationToken: token } : {}
      const list = new ListObjectsV2Command({ Bucket: this.bucket, ...what, ...more })
      const page = await this.#ask((client) => client.send(list))
      yield page
      token = page.IsTruncated ? page.NextContinuationToken : undefined
      if (!token) return
    }
  }

  async #put(Key: string, Body: string, condition: { IfNoneMatch?: string }): Promise<void> {
    const put = new PutObjectCommand({ Bucket: this.bucket, Key, Body, ContentType: 'application/json', ...condition })
    await this.#ask((client) => client.send(put))
  }

  async #ask<Answer>(call: (client: S3Client) => Promise<Answer>): Promise<Answer> {
    try {
      return await call(await this.clients.s3())
    } catch (error) {
      if (!isNamed(error, 'NoSuchBucket')) throw error
      throw new EtlError(`there is no bucket ${this.bucket}`, {
        code: 'NOT_FOUND',
        suggestions: ['rental-etl bootstrap'],
        cause: error,
      })
    }
  }
}
